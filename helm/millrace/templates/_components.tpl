{{/*
What is deployed: name, key of its values, main class, what it uses, and its own values ("own").
Without `inference` the inference service is deployed once and serves all tasks. With it, once for each entry, and once
more for the tasks that no entry names, if there are any.
*/}}
{{- define "millrace.components" -}}
{{- $components := list -}}
{{- $services := list
      (dict "name" "gateway" "values" "gateway" "main" "io.millrace.gateway.GatewayApplication" "behindGateway" false "tensors" false)
      (dict "name" "data-service" "values" "dataService" "main" "io.millrace.data.DataServiceApplication" "behindGateway" true "tensors" false)
      (dict "name" "training-service" "values" "trainingService" "main" "io.millrace.training.TrainingServiceApplication" "behindGateway" true "tensors" true) -}}
{{- range $service := $services -}}
{{- $components = append $components (merge $service (dict "service" $service.name "tasks" list "own" (merge (deepCopy (index $.Values $service.values)) (dict "autoscaling" (dict "enabled" false))))) -}}
{{- end -}}
{{- $inference := dict "service" "inference-service" "main" "io.millrace.inference.InferenceServiceApplication" "behindGateway" true "tensors" true -}}
{{- $remaining := list "language" "detection" "representation" "classification" -}}
{{- range $name, $own := .Values.inference -}}
{{- range $task := $own.tasks -}}
{{- if not (has $task $remaining) -}}
{{- fail (printf "inference.%s.tasks: %s is served by another entry of inference; each task has one home" $name $task) -}}
{{- end -}}
{{- $remaining = without $remaining $task -}}
{{- end -}}
{{- $all := mergeOverwrite (deepCopy $.Values.inferenceService) (omit $own "tasks") -}}
{{- $components = append $components (merge (dict "name" (printf "inference-%s" $name) "values" (printf "inference.%s" $name) "tasks" $own.tasks "own" $all) $inference) -}}
{{- end -}}
{{- if $remaining -}}
{{- $tasks := ternary $remaining list (not (empty .Values.inference)) -}}
{{- $components = append $components (merge (dict "name" "inference-service" "values" "inferenceService" "tasks" $tasks "own" .Values.inferenceService) $inference) -}}
{{- end -}}
{{- dict "components" $components | toJson -}}
{{- end -}}

{{/* host:port list -> the ports, each once, separated by spaces. */}}
{{- define "millrace.kafkaPorts" -}}
{{- $ports := list -}}
{{- range .Values.networkPolicy.kafkaPorts -}}{{- $ports = append $ports (int . | toString) -}}{{- end -}}
{{- if not $ports -}}
{{- range splitList "," (include "millrace.bootstrapServers" .) -}}
{{- if . -}}{{- $ports = append $ports (splitList ":" . | last) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- $ports | uniq | join " " -}}
{{- end -}}

{{/* How many pods there may be: those that are asked for, or the most that the autoscaler may make. */}}
{{- define "millrace.mostReplicas" -}}
{{- ternary .autoscaling.maxReplicas .replicas .autoscaling.enabled | int -}}
{{- end -}}

{{/* The fewest pods that there are. */}}
{{- define "millrace.leastReplicas" -}}
{{- ternary .autoscaling.minReplicas .replicas .autoscaling.enabled | int -}}
{{- end -}}

{{/* The port of a URL, by its scheme if it names none. */}}
{{- define "millrace.urlPort" -}}
{{- $url := urlParse . -}}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" -}}
{{- default (ternary "80" "443" (eq $url.scheme "http")) $port -}}
{{- end -}}

{{/* Where S3 is reached. */}}
{{- define "millrace.s3Port" -}}
{{- with .Values.objectStore.s3.endpoint -}}{{- include "millrace.urlPort" . -}}{{- else -}}443{{- end -}}
{{- end -}}
