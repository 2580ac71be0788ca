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
    @Nullable List<String> columns,
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
   * The tokenizer; {@code state} is {@code training}, {@code waiting} (for what {@code error} says,
   * then it goes on by itself), {@code ready} or {@code failed}, {@code progress} from 0 to 1.
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
    IntakePolicy policy = dataset.intake();
    Content content = dataset.content();
    Content.@Nullable Text text = content instanceof Content.Text one ? one : null;
    Content.@Nullable Pictures pictures = content instanceof Content.Pictures one ? one : null;
    Content.@Nullable Rows rows = content instanceof Content.Rows one ? one : null;
    return new DatasetJson(
        dataset.name(),
        content.kind(),
        text == null ? null : text.packLength(),
        pictures == null ? null : pictures.width(),
        pictures == null ? null : pictures.height(),
        content.classes().isEmpty() ? null : content.classes(),
        rows == null ? null : rows.columns(),
        dataset.heldoutPercent(),
        lower(policy.duplicateIds()),
        lower(policy.plainValues()),
        policy.rejectedWarnPercent(),
        dataset.createdAt(),
        text == null ? null : tokenizer(text.tokenizer(), status.tokenizerJob()),
        lower(status.preparation()),
        status.failure(),
        counts(status.counts(), content),
        status.snapshots().stream().map(SnapshotJson::of).toList());
  }

  private static CountsJson counts(Counts counts, Content content) {
    Tally tally = counts.tally();
    Content.@Nullable Text text = content instanceof Content.Text one ? one : null;
    return new CountsJson(
        counts.documents(),
        tally.prepared(),
        tally.rejected(),
        counts.waiting(),
        tally.train(),
        tally.heldout(),
        text == null ? null : tally.tokens(),
        text == null ? null : tally.packedTokens(),
        text == null ? null : tally.tokens() - tally.packedTokens(),
        text == null ? null : counts.packingEfficiency(text.packLength()),
        content instanceof Content.Pictures ? tally.boxes() : null);
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
          case RUNNING -> job.isWaiting() ? "waiting" : "training";
          case DONE -> "training";
          case FAILED -> "failed";
        };
    return new TokenizerJson(
        state, job.progress(), job.vocabSize(), null, null, job.documents(), job.error());
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
