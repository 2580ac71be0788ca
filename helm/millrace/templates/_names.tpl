{{/* Name of the release's objects. Leaves room for the longest suffix ("-inference-service"). */}}
{{- define "millrace.fullname" -}}
{{- $full := "" -}}
{{- if .Values.fullnameOverride -}}
{{- $full = .Values.fullnameOverride -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $full = ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- end -}}
{{- $full = regexReplaceAll "-+$" (trunc 40 $full) "" -}}
{{- /* What the name of a Service may be (DNS-1035): less than the name of a release. */ -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $full) -}}
{{- fail (printf "the release name %q would give Services the name %s-..., which Kubernetes refuses: it must begin with a letter and consist of a-z, 0-9 and -; choose another release name, or set fullnameOverride" .Release.Name $full) -}}
{{- end -}}
{{- $full -}}
{{- end -}}

{{/* Labels that never change in the life of a release. */}}
{{- define "millrace.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "millrace.labels" -}}
{{ include "millrace.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: millrace
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{- define "millrace.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "millrace.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "millrace.claimName" -}}
{{- default (printf "%s-objects" (include "millrace.fullname" .)) .Values.objectStore.existingClaim -}}
{{- end -}}

{{/* An evaluation runs on one node more often than not. */}}
{{- define "millrace.accessMode" -}}
{{- default (ternary "ReadWriteOnce" "ReadWriteMany" .Values.evaluation.enabled) .Values.objectStore.accessMode -}}
{{- end -}}

{{/* The image of a service. Arguments: root, component, own (the service's values). */}}
{{- define "millrace.image" -}}
{{- $shared := .root.Values.image -}}
{{- $own := .own.image -}}
{{- $perService := "" -}}
{{- with $shared.repositoryPrefix -}}{{- $perService = printf "%s%s" . $.component.service -}}{{- end -}}
{{- $repository := required "image.repository is required: no image of Millrace is published, build them (see the chart's README.md) and name where they are by image.repositoryPrefix, or by image.repository if one image serves all" (coalesce $own.repository $perService $shared.repository) -}}
{{- if and $shared.digest $shared.repositoryPrefix -}}
{{- fail "image.digest is the digest of one image, and image.repositoryPrefix names several: set the services' own image.digest" -}}
{{- end -}}
{{- /* A service's own tag wins over the shared digest, or it would have no effect. */ -}}
{{- $digest := $own.digest -}}
{{- if and (not $digest) (not $own.tag) (not $own.repository) -}}{{- $digest = $shared.digest -}}{{- end -}}
{{- if $digest -}}
{{- printf "%s@%s" $repository $digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (coalesce $own.tag $shared.tag .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}
