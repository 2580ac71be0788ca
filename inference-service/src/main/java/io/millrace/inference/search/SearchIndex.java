package io.millrace.inference.search;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An index of the documents of a dataset.
 *
 * @param name of the index
 * @param model whose vectors it holds
 * @param dataset whose documents are in it
 * @param modelVersion of the model; 0: it holds none yet
 * @param items documents, or pieces of long ones, that are in it
 * @param trouble why filling it does not go on; null: it does
 * @param createdAt when it was created
 */
public record SearchIndex(
    String name,
    String model,
    String dataset,
    int modelVersion,
    long items,
    @Nullable String trouble,
    Instant createdAt) {}
