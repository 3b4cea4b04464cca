//! A JPEG's frame: measures, channels, and how the colours are meant.

use crate::PhotoFault;

/// How the channels are meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Colours {
    /// Brightness alone.
    Grey,
    /// Brightness and two differences of colour: what cameras write.
    YCbCr,
    /// Red, green, blue.
    Rgb,
}

/// One channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Channel {
    pub(crate) id: u8,
    /// Samples across in each unit of the frame, 1 to 4.
    pub(crate) across: usize,
    /// Samples down in each unit of the frame, 1 to 4.
    pub(crate) down: usize,
    /// Its table of quantisation, 0 to 3.
    pub(crate) quantisation: usize,
}

/// Measures and channels.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Frame {
    /// In pixels, as stored.
    pub(crate) width: usize,
    /// In pixels, as stored.
    pub(crate) height: usize,
    pub(crate) is_progressive: bool,
    pub(crate) channels: Vec<Channel>,
    pub(crate) colours: Colours,
}

impl Frame {
    /// Reads a frame's header; `at` is where it ends in the file.
    pub(super) fn read(is_progressive: bool, data: &[u8], at: usize) -> Result<Self, PhotoFault> {
        let damaged = |what| PhotoFault::Damaged { at, what };
        let [precision, h1, h2, w1, w2, count, rest @ ..] = data else { return Err(damaged("a short frame")) };
        if *precision != 8 {
            return Err(PhotoFault::KindRefused("JPEG, 12 bit"));
        }
        let (height, width) = (u16::from_be_bytes([*h1, *h2]), u16::from_be_bytes([*w1, *w2]));
        match count {
            1 | 3 => {}
            4 => return Err(PhotoFault::KindRefused("JPEG, CMYK")),
            _ => return Err(damaged("a number of channels that no picture has")),
        }
        if height == 0 || width == 0 {
            return Err(damaged("a picture without a size"));
        }
        let mut channels = Vec::new();
        for entry in rest.chunks_exact(3).take(usize::from(*count)) {
            let (across, down) = (usize::from(entry[1] >> 4), usize::from(entry[1] & 15));
            let quantisation = usize::from(entry[2]);
            if !(1..=4).contains(&across) || !(1..=4).contains(&down) || quantisation > 3 {
                return Err(damaged("a channel that cannot be"));
            }
            channels.push(Channel { id: entry[0], across, down, quantisation });
        }
        if channels.len() != usize::from(*count) {
            return Err(damaged("a short frame"));
        }
        if let [only] = channels.as_mut_slice() {
            // With one channel its sampling says nothing.
            (only.across, only.down) = (1, 1);
        }
        let colours = if *count == 1 { Colours::Grey } else { Colours::YCbCr };
        Ok(Self { width: usize::from(width), height: usize::from(height), is_progressive, channels, colours })
    }

    /// Red, green and blue are meant only where Adobe's segment or the channels' names say so.
    pub(super) fn choose_colours(&mut self, adobe: Option<u8>) {
        let is_named = self.channels.iter().map(|channel| channel.id).eq(*b"RGB");
        if self.colours == Colours::YCbCr && (adobe == Some(0) || adobe.is_none() && is_named) {
            self.colours = Colours::Rgb;
        }
    }

    /// The most samples across and down that a channel has.
    pub(super) fn most(&self) -> (usize, usize) {
        let most = |of: fn(&Channel) -> usize| self.channels.iter().map(of).max().unwrap_or(1);
        (most(|channel| channel.across), most(|channel| channel.down))
    }

    /// Units across and down when channels are interleaved.
    pub(super) fn units(&self) -> (usize, usize) {
        let (across, down) = self.most();
        (self.width.div_ceil(8 * across), self.height.div_ceil(8 * down))
    }

    /// Samples across and down of a channel.
    pub(super) fn samples(&self, channel: &Channel) -> (usize, usize) {
        let (across, down) = self.most();
        ((self.width * channel.across).div_ceil(across), (self.height * channel.down).div_ceil(down))
    }

    /// Blocks of all channels.
    pub(super) fn blocks(&self) -> usize {
        let blocks = |channel| {
            let (width, height) = self.samples(channel);
            width.div_ceil(8) * height.div_ceil(8)
        };
        self.channels.iter().map(blocks).sum()
    }
}
