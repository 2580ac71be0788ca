package io.millrace.training.run;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What a step of a run was like.
 *
 * @param step from 1
 * @param loss of the step's batches
 * @param learningRate that it learned with
 */
public record CurvePoint(
    long step, double loss, @JsonProperty("learning_rate") double learningRate) {}
