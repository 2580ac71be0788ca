/** Runs the pods of manifests as a kubelet would, as containers of a Docker engine. */
@NullMarked
package io.millrace.standalone.helm.pods;

import org.jspecify.annotations.NullMarked;
