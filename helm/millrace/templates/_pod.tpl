{{/* What all pods have in common, so that they meet the restricted Pod Security Standard. Arguments: root. */}}
{{- define "millrace.podSecurity" -}}
automountServiceAccountToken: false
# Links of a release named "millrace" would be variables such as MILLRACE_PORT, which are settings.
enableServiceLinks: false
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ int64 .root.Values.podSecurity.runAsUser }}
  runAsGroup: {{ int64 .root.Values.podSecurity.runAsGroup }}
  fsGroup: {{ int64 .root.Values.podSecurity.fsGroup }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- end -}}

{{- define "millrace.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{/* The JVM and how it finds its class path. Arguments: root, options (of the JVM), extraCa (whether it is mounted). */}}
{{- define "millrace.java" -}}
- java
- --enable-native-access=ALL-UNNAMED
- --sun-misc-unsafe-memory-access=allow
- -Djava.awt.headless=true
- -Duser.home=/tmp
# Emptied at every start: a container that starts again in its pod finds the /tmp of the one before.
- -Djava.io.tmpdir=/tmp/millrace
- -Dmillrace.temp=own
{{- if and .extraCa .root.Values.extraCa.existingSecret }}
- -Dmillrace.extra-ca=/etc/millrace/extra-ca/ca.crt
{{- end }}
{{- range .options }}
- {{ . | quote }}
{{- end }}
- -cp
# Millrace's own jars, and those that it needs.
- /app/classpath/*:/app/libs/*
{{- end -}}

{{/* Mounts of files from Secrets. Argument: a list of files. */}}
{{- define "millrace.fileMounts" -}}
{{- range . }}
- name: {{ .volume }}
  mountPath: {{ .path }}
  readOnly: true
{{- end }}
{{- end -}}

{{- define "millrace.fileVolumes" -}}
{{- range . }}
- name: {{ .volume }}
  secret:
    secretName: {{ .secret | quote }}
    items:
      {{- range $file, $key := .keys }}
      - key: {{ $key | quote }}
        path: {{ $file }}
      {{- end }}
{{- end }}
{{- end -}}
