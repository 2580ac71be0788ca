package io.millrace.data.dataset;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.data.log.Counts;
import io.millrace.data.snapshot.SnapshotJson;
import io.millrace.data.tokenizer.TokenizerJob;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.DatasetEntry.Kind;
import io.millrace.platform.registry.DatasetEntry.TokenizerEntry;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A dataset as JSON; what does not belong to its kind is left out. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DatasetJson(
    String name,
    String kind,
    @Nullable Integer packLength,
    @Nullable Integer imageWidth,
    @Nullable Integer imageHeight,
    @Nullable List<String> classes,
    double heldoutPercent,
    Instant createdAt,
    @Nullable TokenizerJson tokenizer,
    String preparation,
    @Nullable String failure,
    CountsJson counts,
    List<SnapshotJson> snapshots) {

  /**
   * The tokenizer; {@code state} is {@code training}, {@code ready} or {@code failed}, {@code
   * progress} from 0 to 1.
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record TokenizerJson(
      String state,
      double progress,
      int vocabSize,
      @Nullable String sha256,
      @Nullable String location,
      @Nullable Long documents,
      @Nullable String error) {}

  /** Counts; {@code tokens_lost} is zero, or something is wrong. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record CountsJson(
      long documents,
      long prepared,
      long rejected,
      long waiting,
      long sequences,
      long heldoutSequences,
      @Nullable Long tokens,
      @Nullable Long packedTokens,
      @Nullable Long tokensLost,
      @Nullable Double packingEfficiency,
      @Nullable Long boxes) {}

  /** As JSON. */
  public static DatasetJson of(DatasetStatus status) {
    DatasetEntry dataset = status.dataset();
    boolean text = dataset.kind() == Kind.TEXT;
    return new DatasetJson(
        dataset.name(),
        lower(dataset.kind()),
        text ? dataset.packLength() : null,
        text ? null : dataset.imageWidth(),
        text ? null : dataset.imageHeight(),
        text ? null : dataset.classes(),
        dataset.heldoutPercent(),
        dataset.createdAt(),
        tokenizer(dataset.tokenizer(), status.tokenizerJob()),
        lower(status.preparation()),
        status.failure(),
        counts(status.counts(), dataset),
        status.snapshots().stream().map(SnapshotJson::of).toList());
  }

  private static CountsJson counts(Counts counts, DatasetEntry dataset) {
    boolean text = dataset.kind() == Kind.TEXT;
    return new CountsJson(
        counts.documents(),
        counts.prepared(),
        counts.rejected(),
        counts.waiting(),
        counts.sequences(),
        counts.heldoutSequences(),
        text ? counts.tokens() : null,
        text ? counts.packedTokens() : null,
        text ? counts.tokens() - counts.packedTokens() : null,
        text ? counts.packingEfficiency(dataset.packLength()) : null,
        text ? null : counts.boxes());
  }

  private static @Nullable TokenizerJson tokenizer(
      @Nullable TokenizerEntry tokenizer, Optional<TokenizerJob> job) {
    if (tokenizer != null) {
      return new TokenizerJson(
          "ready", 1, tokenizer.vocabSize(), tokenizer.sha256(), tokenizer.location(), null, null);
    }
    return job.map(DatasetJson::training).orElse(null);
  }

  private static TokenizerJson training(TokenizerJob job) {
    String state =
        switch (job.state()) {
          case RUNNING, DONE -> "training";
          case FAILED -> "failed";
        };
    return new TokenizerJson(
        state, job.progress(), job.vocabSize(), null, null, job.documents(), job.error());
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
