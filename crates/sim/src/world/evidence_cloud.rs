//! Evidence of clouds, containers, mailboxes, code hosting, sensors and the rest, as scenes ask for it.

use super::evidence::{Mark, file_details, nested_ip};
use super::story::facts::File;
use super::{Obj, World};
use serde_json::{Value, json};

pub const SUBSCRIPTION: &str = "7c1d2a3b-5e4f-4a60-9b8c-0d1e2f3a4b5c";

/// The path of an Azure resource.
pub fn azure_id(group: &str, provider: &str, name: &str) -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/{provider}/{name}")
}

/// Azure resource as a field of other evidence.
fn azure_fields(group: &str, provider: &str, name: &str) -> Value {
    let short = name.rsplit('/').next().unwrap_or(name);
    json!({"resourceId": azure_id(group, provider, name), "resourceName": short, "resourceType": provider})
}

pub fn azure_resource(mark: &Mark, group: &str, provider: &str, name: &str) -> Obj {
    mark.evidence("azureResourceEvidence", azure_fields(group, provider, name))
}

pub fn amazon_resource(mark: &Mark, kind: &str, name: &str) -> Obj {
    mark.evidence(
        "amazonResourceEvidence",
        json!({
            "amazonAccountId": "123456789012",
            "amazonResourceId": format!("arn:aws:{kind}:::{name}"),
            "resourceName": name,
            "resourceType": format!("AWS::{}", kind.to_uppercase()),
        }),
    )
}

pub fn google_resource(mark: &Mark, name: &str, location: &str, location_type: &str) -> Obj {
    mark.evidence(
        "googleCloudResourceEvidence",
        json!({
            "fullResourceName": format!("//compute.googleapis.com/projects/contoso-lab/zones/{location}/instances/{name}"),
            "location": location,
            "locationType": location_type,
            "projectId": "contoso-lab",
            "projectNumber": 834_223_991_234_i64,
            "resourceName": name,
            "resourceType": "GCP Compute Instance",
        }),
    )
}

const STORAGE: &str = "Microsoft.Storage/storageAccounts";

fn container_fields(mark: &Mark, account: &str, container: &str) -> Value {
    json!({
        "name": container,
        "url": format!("https://{account}.blob.core.windows.example/{container}"),
        "storageResource": mark.nested(azure_fields("rg-data", STORAGE, account)),
    })
}

pub fn blob_container(mark: &Mark, account: &str, container: &str) -> Obj {
    mark.evidence(
        "blobContainerEvidence",
        container_fields(mark, account, container),
    )
}

pub fn blob(mark: &Mark, account: &str, container: &str, file: &File) -> Obj {
    let (sha1, sha256, md5) = file.hashes();
    mark.evidence(
        "blobEvidence",
        json!({
            "name": file.name,
            "url": format!("https://{account}.blob.core.windows.example/{container}/{}", file.name),
            "etag": format!("0x8DC{}", &sha1[..12].to_uppercase()),
            "fileHashes": [
                {"algorithm": "md5", "value": md5},
                {"algorithm": "sha1", "value": sha1},
                {"algorithm": "sha256", "value": sha256},
            ],
            "blobContainer": mark.nested(container_fields(mark, account, container)),
        }),
    )
}

pub fn sas_token(mark: &Mark, account: &str) -> Obj {
    mark.evidence(
        "sasTokenEvidence",
        json!({
            "allowedIpAddresses": "0.0.0.0-255.255.255.255",
            "allowedResourceTypes": ["Service", "Container", "Object"],
            "allowedServices": ["Blob", "File"],
            "startDateTime": mark.at.plus(-super::stamp::DAY).whole_second().to_string(),
            "expiryDateTime": mark.at.plus(3650 * super::stamp::DAY).whole_second().to_string(),
            "permissions": ["Read", "List", "Write", "Delete"],
            "protocol": "https,http",
            "signatureHash": "W8vXzB0s5m7o1Qe4n0lJ2r6kT9uYcD3hAfGpLwZxIiE=",
            "signedWith": "key1",
            "storageResource": mark.nested(azure_fields("rg-data", STORAGE, account)),
        }),
    )
}

fn registry_fields() -> Value {
    json!({"registry": "contosoregistry.azurecr.example"})
}

pub fn registry(mark: &Mark) -> Obj {
    mark.evidence("containerRegistryEvidence", registry_fields())
}

fn image_fields(mark: &Mark, image: &str, digest: &str) -> Value {
    json!({
        "imageId": image,
        "registry": mark.nested(registry_fields()),
        "digestImage": mark.nested(json!({"imageId": format!("{image}@sha256:{digest}"), "registry": null, "digestImage": null})),
    })
}

pub fn image(mark: &Mark, image: &str, digest: &str) -> Obj {
    mark.evidence("containerImageEvidence", image_fields(mark, image, digest))
}

/// A Kubernetes cluster by platform.
#[derive(Clone, Copy, Debug)]
pub struct Cluster {
    pub name: &'static str,
    pub platform: &'static str,
}

impl Cluster {
    fn fields(self, mark: &Mark) -> Value {
        let resource = match self.platform {
            "eks" => mark.nested(json!({"@odata.type": "#microsoft.graph.security.amazonResourceEvidence", "amazonAccountId": "123456789012",
                "amazonResourceId": format!("arn:aws:eks:eu-west-1:123456789012:cluster/{}", self.name), "resourceName": self.name, "resourceType": "AWS::EKS::Cluster"})),
            "gke" => mark.nested(json!({"@odata.type": "#microsoft.graph.security.googleCloudResourceEvidence",
                "fullResourceName": format!("//container.googleapis.com/projects/contoso-lab/locations/europe-west1/clusters/{}", self.name),
                "location": "europe-west1", "locationType": "regional", "projectId": "contoso-lab", "projectNumber": 834_223_991_234_i64,
                "resourceName": self.name, "resourceType": "GKE Cluster"})),
            _ => {
                let mut typed = json!({"@odata.type": "#microsoft.graph.security.azureResourceEvidence"});
                let fields = azure_fields("rg-aks", "Microsoft.ContainerService/managedClusters", self.name);
                if let (Some(typed), Some(fields)) = (typed.as_object_mut(), fields.as_object()) {
                    typed.extend(fields.clone());
                }
                mark.nested(typed)
            }
        };
        json!({
            "name": self.name,
            "platform": self.platform,
            "distribution": null,
            "version": "1.30.4",
            "cloudResource": resource,
        })
    }

    fn namespace_fields(self, mark: &Mark, name: &str) -> Value {
        json!({
            "name": name,
            "cluster": mark.nested(self.fields(mark)),
            "labels": {"kubernetes.io/metadata.name": name},
        })
    }

    pub fn evidence(self, mark: &Mark) -> Obj {
        mark.evidence("kubernetesClusterEvidence", self.fields(mark))
    }

    pub fn namespace(self, mark: &Mark, name: &str) -> Obj {
        mark.evidence(
            "kubernetesNamespaceEvidence",
            self.namespace_fields(mark, name),
        )
    }

    fn controller_fields(self, mark: &Mark, namespace: &str, name: &str) -> Value {
        json!({
            "name": name,
            "type": "Deployment",
            "labels": {"app": name},
            "namespace": mark.nested(self.namespace_fields(mark, namespace)),
        })
    }

    pub fn controller(self, mark: &Mark, namespace: &str, name: &str) -> Obj {
        mark.evidence(
            "kubernetesControllerEvidence",
            self.controller_fields(mark, namespace, name),
        )
    }

    fn account_fields(self, mark: &Mark, namespace: &str, name: &str) -> Value {
        json!({"name": name, "namespace": mark.nested(self.namespace_fields(mark, namespace))})
    }

    pub fn service_account(self, mark: &Mark, namespace: &str, name: &str) -> Obj {
        mark.evidence(
            "kubernetesServiceAccountEvidence",
            self.account_fields(mark, namespace, name),
        )
    }

    pub fn secret(self, mark: &Mark, namespace: &str, name: &str) -> Obj {
        let own = json!({"name": name, "secretType": "Opaque", "namespace": mark.nested(self.namespace_fields(mark, namespace))});
        mark.evidence("kubernetesSecretEvidence", own)
    }

    pub fn service(self, mark: &Mark, namespace: &str, name: &str, kind: &str) -> Obj {
        mark.evidence(
            "kubernetesServiceEvidence",
            json!({
                "name": name,
                "serviceType": kind,
                "clusterIP": nested_ip(mark, "10.240.0.17"),
                "externalIPs": [nested_ip(mark, "203.0.113.80")],
                "labels": {"app": name},
                "selector": {"app": name},
                "servicePorts": [
                    {"name": "http", "port": 80, "nodePort": 30_080, "targetPort": "8080", "protocol": "tcp", "appProtocol": null},
                    {"name": "metrics", "port": 9_090, "nodePort": 30_090, "targetPort": "metrics", "protocol": "udp", "appProtocol": null},
                    {"name": "sig", "port": 5_060, "nodePort": 30_060, "targetPort": "5060", "protocol": "sctp", "appProtocol": null},
                    {"name": "next", "port": 4_433, "nodePort": 30_443, "targetPort": "4433", "protocol": "quic", "appProtocol": null},
                ],
                "namespace": mark.nested(self.namespace_fields(mark, namespace)),
            }),
        )
    }

    fn container_fields(self, mark: &Mark, run: &Run<'_>) -> Value {
        json!({
            "containerId": run.id,
            "name": run.name,
            "image": mark.nested(image_fields(mark, run.image, run.id)),
            "args": run.args,
            "command": run.command,
            "isPrivileged": run.privileged,
        })
    }

    fn pod_fields(self, mark: &Mark, namespace: &str, run: &Run<'_>) -> Value {
        json!({
            "name": format!("{}-6d5f7c9b8-x2k4q", run.name),
            "podIp": nested_ip(mark, "10.244.3.19"),
            "labels": {"app": run.name, "pod-template-hash": "6d5f7c9b8"},
            "namespace": mark.nested(self.namespace_fields(mark, namespace)),
            "controller": mark.nested(self.controller_fields(mark, namespace, run.name)),
            "serviceAccount": mark.nested(self.account_fields(mark, namespace, "default")),
            "containers": [mark.nested(self.container_fields(mark, run))],
            "initContainers": [],
            "ephemeralContainers": [],
        })
    }

    pub fn pod(self, mark: &Mark, namespace: &str, run: &Run<'_>) -> Obj {
        mark.evidence(
            "kubernetesPodEvidence",
            self.pod_fields(mark, namespace, run),
        )
    }

    pub fn container(self, mark: &Mark, namespace: &str, run: &Run<'_>) -> Obj {
        let mut own = self.container_fields(mark, run);
        if let Some(fields) = own.as_object_mut() {
            fields.insert(
                "pod".to_owned(),
                mark.nested(self.pod_fields(mark, namespace, run)),
            );
        }
        mark.evidence("containerEvidence", own)
    }
}

/// A container that runs.
#[derive(Clone, Debug)]
pub struct Run<'a> {
    pub name: &'a str,
    pub image: &'a str,
    pub id: &'a str,
    pub command: &'a [&'a str],
    pub args: &'a [&'a str],
    pub privileged: bool,
}

impl World {
    pub(super) fn mailbox(&self, mark: &Mark, user: usize) -> Obj {
        let row = self.user_row(user);
        mark.evidence(
            "mailboxEvidence",
            json!({"displayName": row.display, "primaryAddress": row.mail, "upn": row.upn, "userAccount": self.account(user)}),
        )
    }

    pub(super) fn mailbox_configuration(
        &self,
        mark: &Mark,
        user: usize,
        kind: &str,
        name: &str,
    ) -> Obj {
        let row = self.user_row(user);
        mark.evidence(
            "mailboxConfigurationEvidence",
            json!({
                "configurationId": format!("{}\\{}", row.upn, 6_349_111_029_123_456_i64 + user as i64),
                "configurationType": kind,
                "displayName": name,
                "externalDirectoryObjectId": row.id.to_string(),
                "mailboxPrimaryAddress": row.mail,
                "upn": row.upn,
            }),
        )
    }

    pub(super) fn oauth_application(&self, mark: &Mark, app: usize) -> Obj {
        let made = &super::apps::APPS[app];
        let publisher = match made.maker {
            super::apps::Maker::Unverified(domain) => domain,
            super::apps::Maker::Vendor(name) => name,
            _ => "Contoso",
        };
        mark.evidence(
            "oauthApplicationEvidence",
            json!({
                "appId": self.app_id(app),
                "displayName": made.name,
                "objectId": self.app_object_id(app).to_string(),
                "publisher": publisher,
            }),
        )
    }

    pub(super) fn service_principal(&self, mark: &Mark, app: usize, kind: &str) -> Obj {
        mark.evidence(
            "servicePrincipalEvidence",
            json!({
                "appId": self.app_id(app),
                "appOwnerTenantId": self.tenant.to_string(),
                "servicePrincipalName": super::apps::APPS[app].name,
                "servicePrincipalObjectId": self.app_object_id(app).to_string(),
                "servicePrincipalType": kind,
                "tenantId": self.tenant.to_string(),
            }),
        )
    }

    pub(super) fn security_group(&self, mark: &Mark, name: &str) -> Obj {
        let id = self.seed.guid(super::dice::Topic::Group, 5);
        mark.evidence(
            "securityGroupEvidence",
            json!({
                "activeDirectoryObjectGuid": self.seed.guid(super::dice::Topic::Group, 8_005).to_string(),
                "displayName": name,
                "distinguishedName": format!("CN={name},CN=Users,DC=corp,DC=contoso,DC=com"),
                "friendlyName": name,
                "securityGroupId": id.to_string(),
                "sid": self.sid(512),
            }),
        )
    }

    pub(super) fn host_session(&self, mark: &Mark, user: usize, device: usize) -> Obj {
        mark.evidence(
            "hostLogonSessionEvidence",
            json!({
                "sessionId": format!("{}", 0x3e7 + device),
                "startUtcDateTime": mark.at.plus(-super::stamp::HOUR).to_string(),
                "endUtcDateTime": null,
                "account": mark.nested(json!({"stream": null, "userAccount": self.account(user)})),
                "host": mark.nested(self.device_fields(device)),
            }),
        )
    }
}

/// Malware by name with the files and processes that carried it.
pub fn malware(
    mark: &Mark,
    name: &str,
    category: &str,
    file: &File,
    device_id: Option<&str>,
) -> Obj {
    let carried = mark.nested(json!({
        "detectionStatus": "detected", "mdeDeviceId": device_id, "fileDetails": file_details(file),
    }));
    mark.evidence(
        "malwareEvidence",
        json!({"name": name, "category": category, "files": [carried], "processes": []}),
    )
}
