//! How a core goes: in the middle of a call, from inside a listener, from several sides, or because nobody holds it.

use std::{
    net::TcpListener,
    sync::{
        Mutex,
        mpsc::{Sender, channel},
    },
    thread,
};

use crate::{
    tests::{code, folder, opened, setup, wait},
    *,
};

/// Does something to the core when it is told of anything, and says so.
struct Acting {
    core: std::sync::Weak<Storewalk>,
    act: fn(&Storewalk),
    done: Mutex<Sender<()>>,
}

impl ChangeListener for Acting {
    fn changed(&self, _: Change) -> Result<(), PlatformError> {
        if let Some(core) = self.core.upgrade() {
            (self.act)(&core);
        }
        // A test that has seen enough listens no more.
        let _ = self.done.lock().expect("nobody panics here").send(());
        Ok(())
    }
}

#[test]
fn a_listener_may_shut_the_core_down_from_inside_its_call() {
    let dir = folder();
    let core = opened(&dir);
    assert!(!core.is_inside());
    let (done, is_done) = channel();
    let act = |core: &Storewalk| {
        assert!(core.is_inside());
        core.shutdown();
        core.shutdown();
    };
    let listener = Acting { core: std::sync::Arc::downgrade(&core), act, done: Mutex::new(done) };
    let _handle = core.listen(std::sync::Arc::new(listener)).expect("it is open");
    is_done.recv().expect("the call comes back");
    core.shutdown();
    assert_eq!(core.life(), Life::ShutDown);
    opened(&dir).shutdown();
}

#[test]
fn a_shutdown_ends_a_call_under_way_which_says_closed() {
    let dir = folder();
    let server = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", server.local_addr().expect("it is bound"));
    let core = wait(Storewalk::open(Setup { server_url: url, ..setup(&dir) }, None)).expect("a fresh folder");
    let session = core.session();
    let calling = thread::spawn(move || wait(session.sign_in("liwen".into(), "x".into(), None)));
    // Somebody has called, and nobody will answer.
    let _called = server.accept().expect("the call arrives");
    core.shutdown();
    assert_eq!(code(calling.join().expect("no panic")), "closed");
}

#[test]
fn shut_down_from_several_sides_at_once_it_is_over_when_any_of_them_comes_back() {
    let dir = folder();
    for _ in 0..10 {
        let core = opened(&dir);
        thread::scope(|sides| {
            for _ in 0..4 {
                sides.spawn(|| {
                    core.shutdown();
                    // Given back as the last thing.
                    assert!(core.has_let_its_folder_go());
                });
            }
        });
    }
}

#[test]
fn a_core_that_nobody_holds_ends_though_a_listener_is_being_told() {
    let dir = folder();
    let core = opened(&dir);
    let (done, is_done) = channel();
    let weak = std::sync::Arc::downgrade(&core);
    let (entered, is_entered) = channel();
    let entered = Mutex::new(entered);
    let (leave, may_leave) = channel::<()>();
    let may_leave = Mutex::new(may_leave);
    let listener = Waiting { entered, may_leave, done: Mutex::new(done) };
    let handle = core.listen(std::sync::Arc::new(listener)).expect("it is open");
    is_entered.recv().expect("it is being told");
    drop(core);
    assert!(weak.upgrade().is_none(), "nothing but the host held it");
    leave.send(()).expect("it waits");
    is_done.recv().expect("it comes back");
    drop(handle);
    assert!(wait_until_ended(20_000), "no end is left over");
    opened(&dir).shutdown();
}

/// Waits inside its call until it may leave.
struct Waiting {
    entered: Mutex<Sender<()>>,
    may_leave: Mutex<std::sync::mpsc::Receiver<()>>,
    done: Mutex<Sender<()>>,
}

impl ChangeListener for Waiting {
    fn changed(&self, _: Change) -> Result<(), PlatformError> {
        let _ = self.entered.lock().expect("nobody panics here").send(());
        let _ = self.may_leave.lock().expect("nobody panics here").recv();
        let _ = self.done.lock().expect("nobody panics here").send(());
        Ok(())
    }
}
