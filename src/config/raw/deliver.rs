//! `[[deliver]]` as written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::elements::duration::DurationText;
use crate::config::elements::secret::SecretRef;
use crate::config::elements::url::UrlText;

/// Whom decisions are brought to, by `kind`; only those of classes on `approve` or `auto`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::config) enum Deliver {
    /// A signed request for each decision, at least once.
    Webhook {
        /// Name in metrics and logs.
        name: String,
        /// Route classes; all if absent.
        classes: Option<Vec<String>>,
        /// What the receiver calls our channels, where names differ.
        #[serde(default)]
        channels: BTreeMap<String, String>,
        /// The address. Either this or `url_from` is needed.
        #[schemars(with = "Option<UrlText>")]
        url: Option<String>,
        /// Where the address is kept if it is a secret.
        url_from: Option<SecretRef>,
        /// Bearer token that is sent along.
        token: Option<SecretRef>,
        /// Secret that requests are signed with (HMAC-SHA256).
        sign: Option<SecretRef>,
        /// Longest time for one try; 10 s if absent.
        #[schemars(with = "Option<DurationText>")]
        timeout: Option<String>,
    },
    /// The Redis that a LiteLLM proxy shares: channels without a share are leased out, as LiteLLM itself cools them down.
    RedisLitellm {
        /// Name in metrics and logs.
        name: String,
        /// Route classes; all if absent.
        classes: Option<Vec<String>>,
        /// The `model_id` of our channels in LiteLLM, where names differ.
        #[serde(default)]
        channels: BTreeMap<String, String>,
        /// Address of Redis: `redis://HOST[:PORT][/DATABASE]`.
        url: String,
        /// User name, where Redis asks for one.
        user: Option<String>,
        /// Password.
        password: Option<SecretRef>,
        /// What LiteLLM puts before its keys (`cache_params.namespace`); nothing if absent.
        namespace: Option<String>,
        /// How long one lease lasts; 8 s if absent. It is renewed after a third of it.
        #[schemars(with = "Option<DurationText>")]
        lease: Option<String>,
        /// Longest time for one try; 2 s if absent.
        #[schemars(with = "Option<DurationText>")]
        timeout: Option<String>,
    },
    /// The runtime socket of HAProxy: `set server BACKEND/SERVER weight N`.
    Haproxy {
        /// Name in metrics and logs.
        name: String,
        /// The one route class; needed if there are several.
        classes: Option<Vec<String>>,
        /// The servers of our channels, where names differ: `SERVER`, or `BACKEND/SERVER`.
        #[serde(default)]
        channels: BTreeMap<String, String>,
        /// Path of the socket, or HOST:PORT; its level must be `admin`.
        socket: String,
        /// The backend of servers that are named without one.
        backend: Option<String>,
        /// Shares of channels once no decision holds; even ones if absent.
        fallback: Option<BTreeMap<String, f64>>,
        /// What a channel gets that has no share and that the engine wants to learn about; nothing if absent.
        #[schemars(range(min = 0, max = 0.1))]
        probe_share: Option<f64>,
        /// Whether to go back to `fallback` when the program stops; true if absent.
        restore_on_stop: Option<bool>,
        /// Longest time for one try; 2 s if absent.
        #[schemars(with = "Option<DurationText>")]
        timeout: Option<String>,
    },
    /// A file with the servers of an `upstream` of nginx, and the command that has it read.
    Nginx {
        /// Name in metrics and logs.
        name: String,
        /// The one route class; needed if there are several.
        classes: Option<Vec<String>>,
        /// Addresses of our channels, as `server` of nginx takes them.
        #[serde(default)]
        channels: BTreeMap<String, String>,
        /// The file that the `upstream` block includes.
        file: PathBuf,
        /// Command that checks nginx's configuration, word by word, such as `["nginx", "-t"]`; if it fails, the old file is
        /// put back.
        test: Option<Vec<String>>,
        /// Command that has nginx read its files, word by word, such as `["nginx", "-s", "reload"]`.
        reload: Vec<String>,
        /// Shares of channels once no decision holds; even ones if absent.
        fallback: Option<BTreeMap<String, f64>>,
        /// What a channel gets that has no share and that the engine wants to learn about; nothing if absent.
        #[schemars(range(min = 0, max = 0.1))]
        probe_share: Option<f64>,
        /// Whether to go back to `fallback` when the program stops; true if absent.
        restore_on_stop: Option<bool>,
        /// Longest time for one try, both commands included; 10 s if absent.
        #[schemars(with = "Option<DurationText>")]
        timeout: Option<String>,
    },
    /// A JSON patch (RFC 6902) with the weights of `backendRefs`, for Kubernetes, as a file.
    Manifest {
        /// Name in metrics and logs.
        name: String,
        /// The one route class; needed if there are several.
        classes: Option<Vec<String>>,
        /// What our channels are called in `backends`, where names differ.
        #[serde(default)]
        channels: BTreeMap<String, String>,
        /// The file.
        file: PathBuf,
        /// The `backendRefs` of the rule, in their order.
        backends: Vec<String>,
        /// Number of the rule in `spec.rules`; 0 if absent.
        rule: Option<u32>,
        /// Command that applies the file, word by word, such as `["kubectl", "patch", ...]`; none if absent.
        apply: Option<Vec<String>>,
        /// Shares of channels once no decision holds; even ones if absent.
        fallback: Option<BTreeMap<String, f64>>,
        /// What a channel gets that has no share and that the engine wants to learn about; nothing if absent.
        #[schemars(range(min = 0, max = 0.1))]
        probe_share: Option<f64>,
        /// Whether to go back to `fallback` when the program stops; true if absent.
        restore_on_stop: Option<bool>,
        /// Longest time for one try, the command included; 10 s if absent.
        #[schemars(with = "Option<DurationText>")]
        timeout: Option<String>,
    },
}
