package io.millrace.data.dataset;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.data.log.Counts;
import io.millrace.data.log.Tally;
import io.millrace.data.snapshot.SnapshotJson;
import io.millrace.data.tokenizer.TokenizerJob;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.DatasetEntry.TokenizerEntry;
import io.millrace.platform.registry.IntakePolicy;
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
    String duplicateIds,
    String plainValues,
    double rejectedWarnPercent,
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
    Counts counts = status.counts();
    Tally tally = counts.tally();
    return switch (status.dataset().content()) {
      case Content.Text text ->
          of(
              status,
              "text",
              text.packLength(),
              null,
              tokenizer(text.tokenizer(), status.tokenizerJob()),
              new CountsJson(
                  counts.documents(),
                  tally.prepared(),
                  tally.rejected(),
                  counts.waiting(),
                  tally.train(),
                  tally.heldout(),
                  tally.tokens(),
                  tally.packedTokens(),
                  tally.tokens() - tally.packedTokens(),
                  counts.packingEfficiency(text.packLength()),
                  null));
      case Content.Pictures pictures ->
          of(
              status,
              "images",
              null,
              pictures,
              null,
              new CountsJson(
                  counts.documents(),
                  tally.prepared(),
                  tally.rejected(),
                  counts.waiting(),
                  tally.train(),
                  tally.heldout(),
                  null,
                  null,
                  null,
                  null,
                  tally.boxes()));
    };
  }

  private static DatasetJson of(
      DatasetStatus status,
      String kind,
      @Nullable Integer packLength,
      Content.@Nullable Pictures pictures,
      @Nullable TokenizerJson tokenizer,
      CountsJson counts) {
    DatasetEntry dataset = status.dataset();
    IntakePolicy policy = dataset.intake();
    return new DatasetJson(
        dataset.name(),
        kind,
        packLength,
        pictures == null ? null : pictures.width(),
        pictures == null ? null : pictures.height(),
        pictures == null ? null : pictures.classes(),
        dataset.heldoutPercent(),
        lower(policy.duplicateIds()),
        lower(policy.plainValues()),
        policy.rejectedWarnPercent(),
        dataset.createdAt(),
        tokenizer,
        lower(status.preparation()),
        status.failure(),
        counts,
        status.snapshots().stream().map(SnapshotJson::of).toList());
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
