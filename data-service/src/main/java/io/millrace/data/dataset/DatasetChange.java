package io.millrace.data.dataset;

import io.millrace.platform.registry.IntakePolicy.PlainValues;
import org.jspecify.annotations.Nullable;

/**
 * What is to be changed of a dataset; null where nothing is.
 *
 * @param plainValues what a Kafka record without a content type is
 * @param rejectedWarnPercent share of rejected documents that snapshots warn of
 */
public record DatasetChange(
    @Nullable PlainValues plainValues, @Nullable Double rejectedWarnPercent) {}
