/**
 * A Kubernetes API in this process that Helm can install into: fabric8's server, and what it lacks.
 */
@NullMarked
package io.millrace.standalone.helm.api;

import org.jspecify.annotations.NullMarked;
