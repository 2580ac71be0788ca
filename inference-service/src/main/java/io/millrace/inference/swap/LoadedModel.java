package io.millrace.inference.swap;

import io.millrace.inference.runtime.ModelRuntime;
import io.millrace.platform.registry.ModelVersion;

/**
 * A version in memory.
 *
 * @param version which
 * @param runtime what answers
 */
record LoadedModel(ModelVersion version, ModelRuntime runtime) {}
