package io.millrace.data.dataset;

import io.millrace.platform.registry.DatasetEntry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A dataset as a caller wants it; null where the default is wanted.
 *
 * @param name see {@code Names}
 * @param kind texts or images
 * @param packLength texts: tokens in a packed sequence
 * @param imageWidth images: pixels, a multiple of 32
 * @param imageHeight images: pixels, a multiple of 32
 * @param heldoutPercent share of documents kept for evaluation
 * @param classes images: labels in order of their index
 */
public record NewDataset(
    String name,
    DatasetEntry.Kind kind,
    @Nullable Integer packLength,
    @Nullable Integer imageWidth,
    @Nullable Integer imageHeight,
    @Nullable Double heldoutPercent,
    @Nullable List<String> classes) {}
