package io.millrace.training.task.language;

import io.millrace.language.train.DraftAcceptance;
import io.millrace.language.train.LanguageTrainer;
import io.millrace.language.train.LossSum;
import io.millrace.language.train.PackedBatch;
import io.millrace.training.task.TrainingTask;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Loss on held-out tokens beside the entropy of their own unigram distribution, both in nats a
 * token: the loss of a model that knows nothing but how often each token occurs there; and how many
 * drafts of the MTP modules speculative decoding would keep.
 */
final class LanguageEvaluation implements TrainingTask.Evaluation<PackedBatch> {
  private final LanguageTrainer trainer;
  private final long[] counts;
  private final List<DraftAcceptance> drafts = new ArrayList<>();
  private LossSum loss = LossSum.ZERO;

  LanguageEvaluation(LanguageTrainer trainer) {
    this.trainer = trainer;
    this.counts = new long[trainer.config().vocabSize()];
  }

  @Override
  public void add(PackedBatch batch) {
    loss = loss.plus(trainer.evaluate(batch));
    count(batch, counts);
    addDrafts(trainer.acceptance(batch));
  }

  private void addDrafts(List<DraftAcceptance> ofBatch) {
    for (int module = 0; module < ofBatch.size(); module++) {
      if (module == drafts.size()) {
        drafts.add(DraftAcceptance.ZERO);
      }
      drafts.set(module, drafts.get(module).plus(ofBatch.get(module)));
    }
  }

  @Override
  public Map<String, Double> figures() {
    if (loss.targets() == 0) {
      return Map.of();
    }
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("heldout_loss", loss.mean());
    figures.put("unigram_entropy", entropy(counts));
    figures.put("heldout_tokens", (double) loss.targets());
    for (int module = 0; module < drafts.size(); module++) {
      if (drafts.get(module).drafted() > 0) {
        String name = module == 0 ? "draft_acceptance" : "draft_acceptance." + (module + 1);
        figures.put(name, drafts.get(module).share());
      }
    }
    return figures;
  }

  /** Counts the tokens that are predicted: all but the first of each document and the masked. */
  static void count(PackedBatch batch, long[] counts) {
    int[] starts = batch.documentStarts();
    byte[] mask = batch.lossMask();
    for (int document = 0; document < batch.documents(); document++) {
      for (int i = starts[document] + 1; i < starts[document + 1]; i++) {
        if (mask == null || mask[i] != 0) {
          counts[batch.tokenIds().getInt(i * Integer.BYTES)]++;
        }
      }
    }
  }

  /** Entropy in nats of the distribution with these counts. */
  static double entropy(long[] counts) {
    double total = 0;
    for (long count : counts) {
      total += count;
    }
    double entropy = 0;
    for (long count : counts) {
      if (count > 0) {
        entropy -= count / total * Math.log(count / total);
      }
    }
    return entropy;
  }
}
