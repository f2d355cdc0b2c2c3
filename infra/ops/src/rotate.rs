//! Secrets of the stage, rotated.

use clap::{Args, Subcommand};
use jiff::Timestamp;
use numo_app::{
    error::AppError,
    operator::rotate::{Rotatable, Rotation, rotate as carry_out_rotation},
};

use crate::{command::Signed, means::Means};

#[derive(Debug, Subcommand)]
pub(crate) enum Rotate {
    /// Put a new value, which is asked for: as an argument it would be in lists of processes
    To(Which),
    /// Remove the former value of a secret that has two
    Finish(Which),
    /// Put the whole secret back as it was before its latest change
    Back {
        #[command(flatten)]
        signed: Signed,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Which, by its key in the secret of the stage
    #[arg(long, value_name = "KEY", value_parser = secret)]
    secret: Rotatable,
    #[command(flatten)]
    signed: Signed,
}

fn secret(name: &str) -> Result<Rotatable, String> {
    let names = || Rotatable::ALL.map(Rotatable::name).join(", ");
    Rotatable::named(name).ok_or_else(|| match name {
        "pepper" => "the pepper never changes: consents, fuses and links are found by hashes made with it".to_owned(),
        _ => format!("one of {}", names()),
    })
}

impl Rotate {
    pub(crate) fn question(&self) -> Option<String> {
        match self {
            Self::To(Which { secret, .. }) => Some(format!("New value of {}: ", secret.name())),
            Self::Finish(_) | Self::Back { .. } => None,
        }
    }
}

pub(crate) async fn rotate(means: &Means, asked: &Rotate, typed: &str, now: Timestamp) -> Result<String, AppError> {
    let (rotation, signed) = match asked {
        Rotate::To(Which { secret, signed }) => (Rotation::To(*secret, typed.trim().to_owned().into()), signed),
        Rotate::Finish(Which { secret, signed }) => (Rotation::Finished(*secret), signed),
        Rotate::Back { signed } => (Rotation::Back, signed),
    };
    let ports = (&means.operator, means.stage_secret()?);
    carry_out_rotation(ports, signed.both(), &rotation, now).await?;
    Ok(told(&rotation))
}

const WHEN: &str = "The two functions of webhooks read it within five minutes; every other one that runs already keeps what it read until it ends or is deployed anew.";
const BACK: &str = "To go back: numo-ops rotate back, before anything else of the secret is changed.";

fn told(rotation: &Rotation) -> String {
    match rotation {
        Rotation::To(which, _) if which.has_two() => {
            let name = which.name();
            format!(
                "The new {name} counts, and the former one too.\n{WHEN}\nHave the provider use the new one, and when nothing is signed with the former one any more: numo-ops rotate finish --secret {name}.\n{BACK}"
            )
        }
        Rotation::To(which, _) => {
            let name = which.name();
            format!(
                "The new {name} is the only one.\n{WHEN}\nLeave the former one valid at the provider until then.\n{BACK}"
            )
        }
        Rotation::Finished(which) => {
            format!("The former value of {} counts no more.\n{WHEN}\n{BACK}", which.name())
        }
        Rotation::Back => format!("The secret is what it was before its latest change.\n{WHEN}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        command::tests::{command, is_refused, says, says_to},
        means::tests::Stage,
    };

    const SIGNED: &str = "--by ann --reason yearly";

    #[tokio::test]
    async fn a_key_with_room_for_two_is_rotated_finished_and_taken_back() {
        let means = Stage::new();
        let to = format!("rotate to --secret xero_webhook_keys {SIGNED}");
        assert_eq!(command(&to).question().as_deref(), Some("New value of xero_webhook_keys: "));
        let told = says_to(&means, &to, "new-key\n").await;
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines[0], "The new xero_webhook_keys counts, and the former one too.");
        assert!(lines[2].ends_with("numo-ops rotate finish --secret xero_webhook_keys."), "{told}");
        let told = says(&means, &format!("rotate finish --secret xero_webhook_keys {SIGNED}")).await;
        assert!(told.starts_with("The former value of xero_webhook_keys counts no more.\n"), "{told}");
        let told = says(&means, &format!("rotate back {SIGNED}")).await;
        assert!(told.starts_with("The secret is what it was before its latest change.\n"), "{told}");
        let keys = [r#"["old-key"]"#, r#"["new-key","old-key"]"#, r#"["new-key"]"#, r#"["new-key","old-key"]"#];
        let versions =
            keys.map(|keys| format!(r#"{{"pepper":"p","xero_client_secret":"s","xero_webhook_keys":{keys}}}"#));
        assert_eq!(means.stage_secret.versions(), versions);
    }

    #[tokio::test]
    async fn a_secret_with_one_value_is_replaced_and_the_provider_has_to_wait() {
        let means = Stage::new();
        let told = says_to(&means, &format!("rotate to --secret xero_client_secret {SIGNED}"), "new").await;
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines[0], "The new xero_client_secret is the only one.");
        assert_eq!(lines[2], "Leave the former one valid at the provider until then.");
    }

    #[test]
    fn neither_the_pepper_nor_a_value_is_an_argument() {
        for words in [
            format!("rotate to --secret pepper {SIGNED}"),
            format!("rotate to --secret xero_client_id {SIGNED}"),
            format!("rotate to --secret xero_client_secret=new --value new {SIGNED}"),
            "rotate to --secret xero_client_secret --by ann".to_owned(),
            "rotate back --reason why".to_owned(),
        ] {
            assert!(is_refused(&words), "{words}");
        }
    }
}
