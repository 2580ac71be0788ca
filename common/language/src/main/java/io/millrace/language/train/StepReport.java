package io.millrace.language.train;

/**
 * What one optimizer step saw.
 *
 * @param loss mean of -log p over the targets, in nats
 * @param mtpLoss the same of the MTP modules, averaged over them; 0 without
 * @param balanceLoss sequence-wise balance loss before its weight
 * @param gradientNorm global norm before clipping
 * @param targets tokens that were predicted
 * @param tokens tokens that were read
 */
public record StepReport(
    double loss,
    double mtpLoss,
    double balanceLoss,
    double gradientNorm,
    long targets,
    long tokens) {}
