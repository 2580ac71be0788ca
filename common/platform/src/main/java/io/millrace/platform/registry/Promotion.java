package io.millrace.platform.registry;

import java.time.Instant;

/**
 * A version that is to serve from then on.
 *
 * @param number from 1, one more with every promotion of the model; the highest counts
 * @param version which; it may have been promoted before
 * @param reason the policy's or a person's, e.g. {@code automatic} or {@code rollback}
 */
public record Promotion(long number, ModelVersion version, String reason, Instant promotedAt) {}
