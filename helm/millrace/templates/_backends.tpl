{{/* Where Kafka, PostgreSQL and the objects are: yours, or the evaluation mode's own. */}}
{{- define "millrace.bootstrapServers" -}}
{{- if .Values.evaluation.enabled -}}
{{- include "millrace.fullname" . }}-kafka:9092
{{- else -}}
{{- required "kafka.bootstrapServers is required: Millrace streams through a Kafka cluster of yours (host:port, separated by commas)" .Values.kafka.bootstrapServers -}}
{{- end -}}
{{- end -}}

{{- define "millrace.postgresqlHost" -}}
{{- if .Values.evaluation.enabled -}}
{{- include "millrace.fullname" . }}-postgresql
{{- else -}}
{{- required "postgresql.host is required: Millrace keeps its registry in a PostgreSQL of yours" .Values.postgresql.host -}}
{{- end -}}
{{- end -}}

{{/* Names of Secrets; those of the evaluation mode are made by the release unless you name your own. */}}
{{- define "millrace.evaluationSecret" -}}
{{- include "millrace.fullname" . }}-evaluation
{{- end -}}

{{- define "millrace.postgresqlSecret" -}}
{{- if and .Values.evaluation.enabled (not .Values.postgresql.existingSecret) -}}
name: {{ include "millrace.evaluationSecret" . }}
key: postgresql-password
{{- else -}}
name: {{ required "postgresql.existingSecret is required: name the Secret that has the database's password" .Values.postgresql.existingSecret | quote }}
key: {{ .Values.postgresql.passwordKey | quote }}
{{- end -}}
{{- end -}}

{{- define "millrace.internalSecret" -}}
{{- if and .Values.evaluation.enabled (not .Values.internal.existingSecret) -}}
name: {{ include "millrace.evaluationSecret" . }}
key: internal-secret
{{- else -}}
name: {{ required "internal.existingSecret is required: name the Secret by which services trust the gateway (kubectl create secret generic millrace-internal --from-literal=secret=\"$(openssl rand -hex 32)\")" .Values.internal.existingSecret | quote }}
key: {{ .Values.internal.secretKey | quote }}
{{- end -}}
{{- end -}}

{{/* Empty if no first API key is made. */}}
{{- define "millrace.bootstrapKey" -}}
{{- with .Values.gateway.bootstrapKey.existingSecret -}}
name: {{ . | quote }}
key: {{ $.Values.gateway.bootstrapKey.secretKey | quote }}
{{- else -}}
{{- if .Values.evaluation.enabled -}}
name: {{ include "millrace.evaluationSecret" . }}
key: api-key
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Settings of Kafka's clients, nothing secret. */}}
{{- define "millrace.kafkaConfig" -}}
{{- $kafka := .Values.kafka -}}
MILLRACE_KAFKA_BOOTSTRAPSERVERS: {{ include "millrace.bootstrapServers" . | quote }}
MILLRACE_KAFKA_TOPICPREFIX: {{ $kafka.topicPrefix | quote }}
MILLRACE_KAFKA_REPLICATIONFACTOR: {{ ternary 1 (int $kafka.replicationFactor) .Values.evaluation.enabled | quote }}
MILLRACE_KAFKA_MININSYNCREPLICAS: {{ ternary 1 (int $kafka.minInsyncReplicas) .Values.evaluation.enabled | quote }}
{{- if $kafka.tls.enabled }}
MILLRACE_KAFKA_TLS_ENABLED: "true"
MILLRACE_KAFKA_TLS_VERIFYHOST: {{ $kafka.tls.verifyHost | quote }}
{{- if $kafka.tls.caSecret }}
MILLRACE_KAFKA_TLS_CA: /etc/millrace/kafka/ca.crt
{{- end }}
{{- if $kafka.tls.clientSecret }}
# Paths of files, which come from a Secret.
MILLRACE_KAFKA_TLS_CERTIFICATE: /etc/millrace/kafka-client/tls.crt
MILLRACE_KAFKA_TLS_KEY: /etc/millrace/kafka-client/tls.key
{{- end }}
{{- end }}
{{- if ne $kafka.sasl.mechanism "none" }}
MILLRACE_KAFKA_SASL_MECHANISM: {{ $kafka.sasl.mechanism | quote }}
{{- if hasPrefix "scram" $kafka.sasl.mechanism }}
MILLRACE_KAFKA_SASL_USERNAME: {{ required "kafka.sasl.username is required when kafka.sasl.mechanism is scram-..." $kafka.sasl.username | quote }}
{{- else }}
MILLRACE_KAFKA_SASL_OAUTH_TOKENURL: {{ required "kafka.sasl.oauth.tokenUrl is required when kafka.sasl.mechanism is oauthbearer" $kafka.sasl.oauth.tokenUrl | quote }}
MILLRACE_KAFKA_SASL_OAUTH_CLIENTID: {{ required "kafka.sasl.oauth.clientId is required when kafka.sasl.mechanism is oauthbearer" $kafka.sasl.oauth.clientId | quote }}
MILLRACE_KAFKA_SASL_OAUTH_SCOPE: {{ $kafka.sasl.oauth.scope | quote }}
{{- if $kafka.sasl.oauth.caSecret }}
MILLRACE_KAFKA_SASL_OAUTH_CA: /etc/millrace/oauth/ca.crt
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* What Kafka's clients show, from Secrets. */}}
{{- define "millrace.kafkaEnv" -}}
{{- $sasl := .Values.kafka.sasl -}}
{{- if hasPrefix "scram" $sasl.mechanism }}
- name: MILLRACE_KAFKA_SASL_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ required "kafka.sasl.existingSecret is required when kafka.sasl.mechanism is not none: name the Secret with the password or the client's secret" $sasl.existingSecret | quote }}
      key: {{ $sasl.passwordKey | quote }}
{{- else if eq $sasl.mechanism "oauthbearer" }}
- name: MILLRACE_KAFKA_SASL_OAUTH_CLIENTSECRET
  valueFrom:
    secretKeyRef:
      name: {{ required "kafka.sasl.existingSecret is required when kafka.sasl.mechanism is not none: name the Secret with the password or the client's secret" $sasl.existingSecret | quote }}
      key: {{ $sasl.oauth.clientSecretKey | quote }}
{{- end }}
{{- end -}}

{{/* Files that clients of Kafka need: name of the volume, Secret, path, and which key becomes which file. */}}
{{- define "millrace.kafkaFiles" -}}
{{- $kafka := .Values.kafka -}}
{{- if and $kafka.tls.enabled $kafka.tls.caSecret }}
- {volume: kafka-ca, secret: {{ $kafka.tls.caSecret | quote }}, path: /etc/millrace/kafka, keys: {ca.crt: {{ $kafka.tls.caKey | quote }}}}
{{- end }}
{{- if and $kafka.tls.enabled $kafka.tls.clientSecret }}
- {volume: kafka-client, secret: {{ $kafka.tls.clientSecret | quote }}, path: /etc/millrace/kafka-client, keys: {tls.crt: {{ $kafka.tls.certificateKey | quote }}, tls.key: {{ $kafka.tls.keyKey | quote }}}}
{{- end }}
{{- if and (eq $kafka.sasl.mechanism "oauthbearer") $kafka.sasl.oauth.caSecret }}
- {volume: oauth-ca, secret: {{ $kafka.sasl.oauth.caSecret | quote }}, path: /etc/millrace/oauth, keys: {ca.crt: {{ $kafka.sasl.oauth.caKey | quote }}}}
{{- end }}
{{- end -}}

{{/* Files from Secrets that a service needs. Arguments: root, component. */}}
{{- define "millrace.files" -}}
files:
{{- with .root.Values.postgresql.caSecret }}
- {volume: postgresql-ca, secret: {{ . | quote }}, path: /etc/millrace/postgresql, keys: {ca.crt: {{ $.root.Values.postgresql.caKey | quote }}}}
{{- end }}
{{- with .root.Values.extraCa.existingSecret }}
- {volume: extra-ca, secret: {{ . | quote }}, path: /etc/millrace/extra-ca, keys: {ca.crt: {{ $.root.Values.extraCa.key | quote }}}}
{{- end }}
{{- if .component.behindGateway }}
{{- include "millrace.kafkaFiles" .root }}
{{- end }}
{{- end -}}

{{/* Settings of the object store, nothing secret. */}}
{{- define "millrace.objectsConfig" -}}
{{- $store := .Values.objectStore -}}
{{- if eq $store.kind "s3" -}}
MILLRACE_OBJECTS_KIND: s3
MILLRACE_OBJECTS_S3_BUCKET: {{ required "objectStore.s3.bucket is required when objectStore.kind is s3" $store.s3.bucket | quote }}
MILLRACE_OBJECTS_S3_PREFIX: {{ $store.s3.prefix | quote }}
{{- with $store.s3.region }}
MILLRACE_OBJECTS_S3_REGION: {{ . | quote }}
{{- end }}
{{- with $store.s3.endpoint }}
MILLRACE_OBJECTS_S3_ENDPOINT: {{ . | quote }}
{{- end }}
MILLRACE_OBJECTS_S3_PATHSTYLE: {{ $store.s3.pathStyle | quote }}
MILLRACE_OBJECTS_S3_CACHE: /var/cache/millrace
{{- else -}}
MILLRACE_OBJECTS_ROOT: /var/lib/millrace/objects
{{- end }}
{{- end -}}
