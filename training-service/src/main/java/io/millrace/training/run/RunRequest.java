package io.millrace.training.run;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import io.millrace.platform.policy.PolicyJson;
import io.millrace.platform.policy.RetentionJson;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a run is to do, complete: nothing is left to a default.
 *
 * @param model name of the model that the checkpoints become versions of
 * @param task as {@link io.millrace.contracts.Tasks} spells it
 * @param dataset what it learns from
 * @param snapshot of the dataset, from 1
 * @param preset named model configuration of the task; empty for a run that begins from a model of
 *     none
 * @param steps of the optimizer, from 1
 * @param batchSize records of the dataset in a batch
 * @param learningRate peak of the schedule
 * @param schedule of the learning rate
 * @param checkpointEvery steps between checkpoints; 0: only at the end
 * @param checkpointAtStart whether the model that has learned nothing yet is the run's first
 *     version
 * @param seed of the initial weights
 * @param from published model whose weights it begins with; null: fresh ones
 * @param policy which of the checkpoints are to serve; null: as the model says
 * @param retention which of them are kept; null: as the model says
 * @param options of the task by name; in JSON they stand beside the fields of every run
 */
public record RunRequest(
    String model,
    String task,
    String dataset,
    int snapshot,
    String preset,
    long steps,
    int batchSize,
    double learningRate,
    Schedule schedule,
    long checkpointEvery,
    boolean checkpointAtStart,
    long seed,
    @Nullable ModelRef from,
    @Nullable PolicyJson policy,
    @Nullable RetentionJson retention,
    @JsonAnyGetter Map<String, Object> options) {

  /** Copies the options. */
  public RunRequest {
    options = Collections.unmodifiableMap(new TreeMap<>(options));
  }

  /** Figures by which the run's own rules choose among its versions. */
  public Set<String> figuresOfRules() {
    return Stream.of(
            policy == null ? null : policy.figure(), retention == null ? null : retention.figure())
        .filter(Objects::nonNull)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
