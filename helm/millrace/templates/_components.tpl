{{/* The four services: name, key of their values, main class, what they use. */}}
{{- define "millrace.components" -}}
components:
  - {name: gateway, values: gateway, main: io.millrace.gateway.GatewayApplication, behindGateway: false, tensors: false}
  - {name: data-service, values: dataService, main: io.millrace.data.DataServiceApplication, behindGateway: true, tensors: false}
  - {name: training-service, values: trainingService, main: io.millrace.training.TrainingServiceApplication, behindGateway: true, tensors: true}
  - {name: inference-service, values: inferenceService, main: io.millrace.inference.InferenceServiceApplication, behindGateway: true, tensors: true}
{{- end -}}

{{/* host:port list -> the ports, each once, separated by spaces. */}}
{{- define "millrace.kafkaPorts" -}}
{{- $ports := list -}}
{{- range .Values.networkPolicy.kafkaPorts -}}{{- $ports = append $ports (int . | toString) -}}{{- end -}}
{{- if not $ports -}}
{{- range splitList "," .Values.kafka.bootstrapServers -}}
{{- if . -}}{{- $ports = append $ports (splitList ":" . | last) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- $ports | uniq | join " " -}}
{{- end -}}

{{/* What the schema cannot say. Arguments: root, component, own. */}}
{{- define "millrace.check" -}}
{{- $kafka := .root.Values.kafka -}}
{{- if gt (int $kafka.minInsyncReplicas) (int $kafka.replicationFactor) -}}
{{- fail (printf "kafka.minInsyncReplicas (%d) must not be larger than kafka.replicationFactor (%d): nothing could be written" (int $kafka.minInsyncReplicas) (int $kafka.replicationFactor)) -}}
{{- end -}}
{{- $postgresql := .root.Values.postgresql -}}
{{- if and (hasPrefix "verify-" $postgresql.sslMode) (not $postgresql.caSecret) -}}
{{- fail (printf "postgresql.caSecret is required when postgresql.sslMode is %s: name the Secret that has the root certificate" $postgresql.sslMode) -}}
{{- end -}}
{{- $needed := add (int .own.preStopSeconds) (int .own.shutdownSeconds) -}}
{{- if le (int .own.terminationGracePeriodSeconds) (int $needed) -}}
{{- fail (printf "%s.terminationGracePeriodSeconds (%d) must be larger than preStopSeconds + shutdownSeconds (%d): the service would be killed while it stops" .component.values (int .own.terminationGracePeriodSeconds) (int $needed)) -}}
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
{{- $postgresql := required "postgresql.host is required: Millrace keeps its registry in a PostgreSQL of yours" $values.postgresql.host -}}
SERVER_PORT: "8080"
SPRING_GRPC_SERVER_PORT: "9090"
SPRING_DATASOURCE_URL: {{ printf "jdbc:postgresql://%s:%d/%s?sslmode=%s%s" $postgresql (int $values.postgresql.port) $values.postgresql.database $values.postgresql.sslMode (ternary "&sslrootcert=/etc/millrace/postgresql/ca.crt" "" (not (empty $values.postgresql.caSecret))) | quote }}
SPRING_DATASOURCE_USERNAME: {{ $values.postgresql.username | quote }}
SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE: {{ printf "%ds" (int .own.shutdownSeconds) | quote }}
{{- if .component.behindGateway }}
MILLRACE_KAFKA_BOOTSTRAPSERVERS: {{ required "kafka.bootstrapServers is required: Millrace streams through a Kafka cluster of yours (host:port, separated by commas)" $values.kafka.bootstrapServers | quote }}
MILLRACE_KAFKA_TOPICPREFIX: {{ $values.kafka.topicPrefix | quote }}
MILLRACE_KAFKA_REPLICATIONFACTOR: {{ int $values.kafka.replicationFactor | quote }}
MILLRACE_KAFKA_MININSYNCREPLICAS: {{ int $values.kafka.minInsyncReplicas | quote }}
MILLRACE_OBJECTS_ROOT: /var/lib/millrace/objects
{{- else }}
{{- range tuple "data" "training" "inference" }}
MILLRACE_GATEWAY_{{ upper . }}_URL: {{ printf "http://%s-%s-service:8080" $full . | quote }}
MILLRACE_GATEWAY_{{ upper . }}_GRPC: {{ printf "%s-%s-service:9090" $full . | quote }}
{{- end }}
{{- end }}
{{- if .component.tensors }}
# Without a GPU that was asked for, none is looked for; with one, the processor is no silent substitute.
MILLRACE_ENGINE_DEVICE: {{ ternary "cuda:0" "cpu" .own.gpu.enabled | quote }}
MILLRACE_ENGINE_THREADS: {{ int .own.engineThreads | quote }}
DJL_CACHE_DIR: /tmp/djl
{{- end }}
{{- end -}}

{{/* Variables that come from Secrets or from the pod. Arguments: root, component, own. */}}
{{- define "millrace.env" -}}
{{- $values := .root.Values -}}
- name: SPRING_DATASOURCE_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ required "postgresql.existingSecret is required: name the Secret that has the database's password" $values.postgresql.existingSecret | quote }}
      key: {{ $values.postgresql.passwordKey | quote }}
- name: MILLRACE_INTERNAL_SECRET
  valueFrom:
    secretKeyRef:
      name: {{ required "internal.existingSecret is required: name the Secret by which services trust the gateway (kubectl create secret generic millrace-internal --from-literal=secret=\"$(openssl rand -hex 32)\")" $values.internal.existingSecret | quote }}
      key: {{ $values.internal.secretKey | quote }}
{{- if eq .component.name "gateway" }}
{{- with .own.bootstrapKey.existingSecret }}
- name: MILLRACE_GATEWAY_BOOTSTRAPKEY
  valueFrom:
    secretKeyRef:
      name: {{ . | quote }}
      key: {{ $.own.bootstrapKey.secretKey | quote }}
{{- end }}
{{- end }}
{{- if .component.behindGateway }}
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
