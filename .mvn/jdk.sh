# Finds a JDK of release 25 or newer and exports JAVA_HOME. Sourced by ./millrace and ./mvnw, so that
# both work where the default `java` is older. Looks at, in this order: MILLRACE_JAVA_HOME, JAVA_HOME,
# the `java` on the PATH, then the places where packages and version managers install JDKs.

millrace_jdk_release() { # prints the feature release of the JDK in $1, nothing if it is none
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

millrace_find_jdk() {
  if [ -n "${MILLRACE_JAVA_HOME-}" ]; then
    millrace_release=$(millrace_jdk_release "$MILLRACE_JAVA_HOME")
    if [ "${millrace_release:-0}" -lt 25 ]; then
      echo "millrace: MILLRACE_JAVA_HOME=$MILLRACE_JAVA_HOME is" \
        "${millrace_release:+JDK }${millrace_release:-no JDK}; release 25 or newer is needed" >&2
      return 1
    fi
  fi
  millrace_java=$(command -v java 2>/dev/null || true)
  if [ -n "$millrace_java" ]; then
    millrace_java=$(readlink -f "$millrace_java")
    millrace_java=${millrace_java%/bin/java}
  fi
  for millrace_jdk in "${MILLRACE_JAVA_HOME-}" "${JAVA_HOME-}" "$millrace_java" \
    /usr/lib/jvm/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* /opt/java/* /opt/jdk* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -n "$millrace_jdk" ] || continue
    millrace_release=$(millrace_jdk_release "$millrace_jdk")
    if [ "${millrace_release:-0}" -ge 25 ]; then
      JAVA_HOME=$millrace_jdk
      export JAVA_HOME
      return 0
    fi
  done
  echo "millrace: no JDK of release 25 or newer was found (JAVA_HOME, PATH, /usr/lib/jvm, ...);" \
    "install one, e.g. Temurin 25, or set MILLRACE_JAVA_HOME" >&2
  return 1
}

# Maven and the places above need one; some containers and services have none.
if [ -z "${HOME-}" ]; then
  HOME=$(getent passwd "$(id -u)" | cut -d: -f6)
  export HOME
fi
millrace_find_jdk || exit 1
