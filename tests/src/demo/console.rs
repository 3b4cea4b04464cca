//! The supervisor's browser, as far as the demo needs one: it reads forms from pages and sends them back filled in.

use anyhow::{Context, ensure};
use reqwest::{
    Client, StatusCode,
    header::{ACCEPT_LANGUAGE, ORIGIN},
    redirect::Policy,
};
use storewalk_domain::ids::{OrderId, PhotoId, TerritoryId};

/// A signed-in browser.
pub(crate) struct Console {
    client: Client,
    url: String,
}

/// What is filled into a form: the names and values of its fields.
type Filling<'f> = &'f [(&'f str, &'f str)];

impl Console {
    /// Signs in.
    ///
    /// # Errors
    /// When the console refuses or shows no form.
    pub(crate) async fn sign_in(url: &str, login: &str, password: &str) -> anyhow::Result<Self> {
        // The provider of the phone's own transport; a second call finds it in place already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().cookie_store(true).redirect(Policy::limited(5)).build()?;
        let console = Self { client, url: url.to_owned() };
        let page = console.page("/console/sign-in").await?;
        console.send(&page, "/console/sign-in", "", &[("login", login), ("password", password)]).await?;
        Ok(console)
    }

    /// The text of a page.
    ///
    /// # Errors
    /// When the server does not answer with a page.
    pub(crate) async fn page(&self, path: &str) -> anyhow::Result<String> {
        let answer = self.client.get(format!("{}{path}", self.url)).header(ACCEPT_LANGUAGE, "en").send().await?;
        ensure!(answer.status() == StatusCode::OK, "{path} answers {}", answer.status());
        Ok(answer.text().await?)
    }

    /// Rejects a photo with a reason, a note, a pin at percentages from the left and the top, and a photo that shows how it
    /// should look.
    ///
    /// # Errors
    /// When the photo cannot be decided about.
    pub(crate) async fn reject(
        &self,
        photo: PhotoId,
        reason: &str,
        note: &str,
        pin: (&str, &str),
        reference: Option<PhotoId>,
    ) -> anyhow::Result<()> {
        let reference = reference.map(|photo| photo.to_string()).unwrap_or_default();
        let filling =
            [("reason", reason), ("note", note), ("pin_x", pin.0), ("pin_y", pin.1), ("reference", &reference)];
        self.decide(photo, "rejected", &filling).await
    }

    /// Approves a photo.
    ///
    /// # Errors
    /// When the photo cannot be decided about.
    pub(crate) async fn approve(&self, photo: PhotoId) -> anyhow::Result<()> {
        self.decide(photo, "approved", &[]).await
    }

    async fn decide(&self, photo: PhotoId, decision: &str, filling: Filling<'_>) -> anyhow::Result<()> {
        let page = self.page(&format!("/console/photos/{photo}")).await?;
        self.send(&page, &format!("/console/photos/{photo}/verdict"), decision, filling).await
    }

    /// Records a payment slip of an order's dealer; the amount in major units.
    ///
    /// # Errors
    /// When the payment is refused.
    pub(crate) async fn record_payment(&self, order: OrderId, amount: &str, slip: &str) -> anyhow::Result<()> {
        let path = format!("/console/orders/{order}");
        let page = self.page(&path).await?;
        self.send(&page, &format!("{path}/payment"), "", &[("amount", amount), ("slip", slip)]).await
    }

    /// Looks an outlet up and hands it over to another territory.
    ///
    /// # Errors
    /// When there is no such outlet, or the handover is refused.
    pub(crate) async fn hand_over(&self, code: &str, to: TerritoryId, reason: &str) -> anyhow::Result<()> {
        let page = self.page(&format!("/console/handover?outlet={code}")).await?;
        let filling = [("territory", to.to_string()), ("reason", reason.to_owned())];
        let filling = filling.each_ref().map(|(name, value)| (*name, value.as_str()));
        self.send(&page, "/console/handover/outlet", "", &filling).await
    }

    /// Sends the form of a page that goes to `action` and holds `marker`, with its hidden fields and these.
    async fn send(&self, page: &str, action: &str, marker: &str, filling: Filling<'_>) -> anyhow::Result<()> {
        let form = forms(page)
            .find(|form| form.contains(&format!("action=\"{action}\"")) && form.contains(marker))
            .with_context(|| format!("the page has no form to {action}"))?;
        let mut fields: Vec<(String, String)> = hidden_fields(form);
        for (name, value) in filling {
            fields.retain(|(present, _)| present != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        let answer = self
            .client
            .post(format!("{}{action}", self.url))
            .header(ORIGIN, &self.url)
            .header(ACCEPT_LANGUAGE, "en")
            .form(&fields)
            .send()
            .await?;
        ensure!(answer.status().is_success(), "{action} answers {}", answer.status());
        Ok(())
    }
}

fn forms(page: &str) -> impl Iterator<Item = &str> {
    page.split("<form").skip(1).map(|rest| rest.split("</form>").next().unwrap_or_default())
}

/// The names and values of a form's hidden inputs.
fn hidden_fields(form: &str) -> Vec<(String, String)> {
    let inputs = form.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap_or_default());
    inputs
        .filter(|input| input.contains("type=\"hidden\"") || input.contains("type=\"date\""))
        .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)))
        .collect()
}

fn attribute(input: &str, name: &str) -> Option<String> {
    let rest = input.split(&format!(" {name}=\"")).nth(1)?;
    rest.split('"').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_found_with_its_hidden_fields() {
        let page = r#"<p></p><form method="post" action="/a"><input type="hidden" name="t" value="1"><input name="x">
            </form><form action="/b"><input type="date" name="due" value="2025-03-16"></form>"#;
        let found: Vec<_> = forms(page).map(hidden_fields).collect();
        assert_eq!(found[0], [("t".to_owned(), "1".to_owned())]);
        assert_eq!(found[1], [("due".to_owned(), "2025-03-16".to_owned())]);
    }
}
