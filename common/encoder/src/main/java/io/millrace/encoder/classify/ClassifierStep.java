package io.millrace.encoder.classify;

/**
 * What a step saw.
 *
 * @param loss of its labelled examples together; 0 without any
 * @param accuracy share of these that it had right before it learned; 0 without any
 * @param gradientNorm global norm before clipping
 * @param examples all of them
 * @param labelled those with a label
 */
public record ClassifierStep(
    double loss, double accuracy, double gradientNorm, int examples, int labelled) {}
