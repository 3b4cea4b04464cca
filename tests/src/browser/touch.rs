//! Fingers on the screen of a phone, as the browser's own protocol hands them in.

use serde_json::{Value, json};

use super::Browser;

impl Browser {
    /// Lets pages believe that the screen is a phone's, this large, touched by fingers.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn pretend_phone(&self, width: u32, height: u32) -> anyhow::Result<()> {
        let screen = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": true });
        self.devtools("Emulation.setDeviceMetricsOverride", &screen).await?;
        self.devtools("Emulation.setTouchEmulationEnabled", &json!({ "enabled": true, "maxTouchPoints": 2 })).await
    }

    /// One touch event (`touchStart`, `touchMove`, `touchEnd`) with the fingers that are down after it, in CSS pixels of
    /// the window.
    ///
    /// # Errors
    /// When the browser does not take it.
    pub async fn touch(&self, kind: &str, fingers: &[(f64, f64)]) -> anyhow::Result<()> {
        let point = |(id, (x, y)): (usize, &(f64, f64))| json!({ "x": x, "y": y, "id": id });
        let points: Vec<Value> = fingers.iter().enumerate().map(point).collect();
        self.devtools("Input.dispatchTouchEvent", &json!({ "type": kind, "touchPoints": points })).await
    }

    /// One finger goes along a path and is lifted at its end.
    ///
    /// # Errors
    /// When the browser does not take it.
    pub async fn swipe(&self, path: &[(f64, f64)]) -> anyhow::Result<()> {
        for (number, point) in path.iter().enumerate() {
            self.touch(if number == 0 { "touchStart" } else { "touchMove" }, &[*point]).await?;
        }
        self.touch("touchEnd", &[]).await
    }

    /// A finger taps the middle of an element.
    ///
    /// # Errors
    /// When there is none, or the browser does not take it.
    pub async fn tap(&self, css: &str) -> anyhow::Result<()> {
        self.element(css).await?;
        let middle = self
            .script(&format!(
                "const element = document.querySelector('{css}');
                 element.scrollIntoView({{ block: 'center' }});
                 const {{ left, top, width, height }} = element.getBoundingClientRect();
                 return [left + width / 2, top + height / 2];"
            ))
            .await?;
        let at = |part: usize| middle[part].as_f64().unwrap_or_default();
        self.swipe(&[(at(0), at(1))]).await
    }
}
