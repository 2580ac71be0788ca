{{/* What the schema cannot say. Arguments: root, component, own. */}}
{{- define "millrace.check" -}}
{{- $values := .root.Values -}}
{{- $kafka := $values.kafka -}}
{{- if gt (int $kafka.minInsyncReplicas) (int $kafka.replicationFactor) -}}
{{- fail (printf "kafka.minInsyncReplicas (%d) must not be larger than kafka.replicationFactor (%d): nothing could be written" (int $kafka.minInsyncReplicas) (int $kafka.replicationFactor)) -}}
{{- end -}}
{{- if and $kafka.tls.clientSecret (not $kafka.tls.enabled) -}}
{{- fail "kafka.tls.clientSecret is set, but kafka.tls.enabled is false: nothing would be shown to Kafka" -}}
{{- end -}}
{{- $postgresql := $values.postgresql -}}
{{- if and (hasPrefix "verify-" $postgresql.sslMode) (not $postgresql.caSecret) -}}
{{- fail (printf "postgresql.caSecret is required when postgresql.sslMode is %s: name the Secret that has the root certificate" $postgresql.sslMode) -}}
{{- end -}}
{{- if $values.evaluation.enabled -}}
{{- range $value, $set := dict "kafka.bootstrapServers" $kafka.bootstrapServers "postgresql.host" $postgresql.host -}}
{{- if $set -}}
{{- fail (printf "%s is set, but evaluation.enabled brings its own: set one of them" $value) -}}
{{- end -}}
{{- end -}}
{{- if or $kafka.tls.enabled (ne $kafka.sasl.mechanism "none") -}}
{{- fail "kafka.tls and kafka.sasl are for a Kafka of yours: that of evaluation.enabled speaks plain text" -}}
{{- end -}}
{{- end -}}
{{- $needed := add (int .own.preStopSeconds) (int .own.shutdownSeconds) -}}
{{- if le (int .own.terminationGracePeriodSeconds) (int $needed) -}}
{{- fail (printf "%s.terminationGracePeriodSeconds (%d) must be larger than preStopSeconds + shutdownSeconds (%d): the service would be killed while it stops" .component.values (int .own.terminationGracePeriodSeconds) (int $needed)) -}}
{{- end -}}
{{- if and .own.autoscaling.enabled (gt (int .own.autoscaling.minReplicas) (int .own.autoscaling.maxReplicas)) -}}
{{- fail (printf "%s.autoscaling.minReplicas (%d) must not be larger than maxReplicas (%d)" .component.values (int .own.autoscaling.minReplicas) (int .own.autoscaling.maxReplicas)) -}}
{{- end -}}
{{- $managed := include "millrace.config" . | fromYaml -}}
{{- range $key, $value := .own.config -}}
{{- if hasKey $managed $key -}}
{{- fail (printf "%s.config.%s is set by the chart; use the value that it comes from" $.component.values $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Settings of a service by Spring's relaxed binding, nothing secret. Arguments: root, component, own. */}}
{{- define "millrace.config" -}}
{{- $values := .root.Values -}}
{{- $full := include "millrace.fullname" .root -}}
{{- $postgresql := include "millrace.postgresqlHost" .root -}}
SERVER_PORT: "8080"
SPRING_GRPC_SERVER_PORT: "9090"
SPRING_DATASOURCE_URL: {{ printf "jdbc:postgresql://%s:%d/%s?sslmode=%s%s" $postgresql (int $values.postgresql.port) $values.postgresql.database $values.postgresql.sslMode (ternary "&sslrootcert=/etc/millrace/postgresql/ca.crt" "" (not (empty $values.postgresql.caSecret))) | quote }}
SPRING_DATASOURCE_USERNAME: {{ $values.postgresql.username | quote }}
SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE: {{ printf "%ds" (int .own.shutdownSeconds) | quote }}
{{- if ne $values.logs.format "text" }}
LOGGING_STRUCTURED_FORMAT_CONSOLE: {{ $values.logs.format | quote }}
{{- end }}
{{- if .component.behindGateway }}
{{ include "millrace.kafkaConfig" .root }}
{{ include "millrace.objectsConfig" .root }}
{{- with .component.tasks }}
MILLRACE_INFERENCE_TASKS: {{ join "," . | quote }}
{{- end }}
{{- else }}
{{- include "millrace.gatewayConfig" .root }}
{{- end }}
{{- if .component.tensors }}
# Without a GPU that was asked for, none is looked for; with one, the processor is no silent substitute.
MILLRACE_ENGINE_DEVICE: {{ ternary "cuda:0" "cpu" .own.gpu.enabled | quote }}
MILLRACE_ENGINE_THREADS: {{ int .own.engineThreads | quote }}
DJL_CACHE_DIR: /tmp/djl
{{- end }}
{{- end -}}

{{/* Where the gateway finds the services; each task that has a home of its own is named. */}}
{{- define "millrace.gatewayConfig" -}}
{{- $full := include "millrace.fullname" . -}}
{{- $inference := list -}}
{{- range (include "millrace.components" . | fromJson).components -}}
{{- if eq .service "inference-service" -}}{{- $inference = append $inference . -}}{{- end -}}
{{- end -}}
{{- /* The last one serves what has no home of its own. */ -}}
{{- $homes := dict "data" "data-service" "training" "training-service" "inference" (last $inference).name -}}
{{- range $service := tuple "data" "training" "inference" }}
MILLRACE_GATEWAY_{{ upper $service }}_URL: {{ printf "http://%s-%s:8080" $full (index $homes $service) | quote }}
MILLRACE_GATEWAY_{{ upper $service }}_GRPC: {{ printf "%s-%s:9090" $full (index $homes $service) | quote }}
{{- end }}
{{- range $home := $inference }}
{{- if ne $home.name "inference-service" }}
{{- range $home.tasks }}
MILLRACE_GATEWAY_INFERENCEBYTASK_{{ upper . }}_URL: {{ printf "http://%s-%s:8080" $full $home.name | quote }}
MILLRACE_GATEWAY_INFERENCEBYTASK_{{ upper . }}_GRPC: {{ printf "%s-%s:9090" $full $home.name | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Variables that come from Secrets or from the pod. Arguments: root, component, own. */}}
{{- define "millrace.env" -}}
{{- $values := .root.Values -}}
- name: SPRING_DATASOURCE_PASSWORD
  valueFrom:
    secretKeyRef:
      {{- include "millrace.postgresqlSecret" .root | nindent 6 }}
- name: MILLRACE_INTERNAL_SECRET
  valueFrom:
    secretKeyRef:
      {{- include "millrace.internalSecret" .root | nindent 6 }}
{{- if eq .component.name "gateway" }}
{{- with include "millrace.bootstrapKey" .root }}
- name: MILLRACE_GATEWAY_BOOTSTRAPKEY
  valueFrom:
    secretKeyRef:
      {{- . | nindent 6 }}
{{- end }}
{{- end }}
{{- if .component.behindGateway }}
{{- include "millrace.kafkaEnv" .root }}
{{- if eq $values.objectStore.kind "s3" }}
{{- with $values.objectStore.s3.existingSecret }}
- name: AWS_ACCESS_KEY_ID
  valueFrom:
    secretKeyRef:
      name: {{ . | quote }}
      key: {{ $values.objectStore.s3.accessKeyKey | quote }}
- name: AWS_SECRET_ACCESS_KEY
  valueFrom:
    secretKeyRef:
      name: {{ . | quote }}
      key: {{ $values.objectStore.s3.secretKeyKey | quote }}
{{- end }}
{{- end }}
{{- with $values.serviceMonitor.metricsToken.existingSecret }}
- name: MILLRACE_INTERNAL_METRICSTOKEN
  valueFrom:
    secretKeyRef:
      name: {{ . | quote }}
      key: {{ $values.serviceMonitor.metricsToken.secretKey | quote }}
{{- end }}
{{- end }}
{{- if eq .component.name "training-service" }}
# A container that starts again in its pod goes on with its runs without waiting for their leases.
- name: MILLRACE_TRAINING_INSTANCE
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
{{- end }}
{{- end -}}
