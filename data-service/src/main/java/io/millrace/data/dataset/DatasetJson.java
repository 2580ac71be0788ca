package io.millrace.data.dataset;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.data.dataset.DatasetStatus.Counts;
import io.millrace.data.snapshot.SnapshotJson;
import io.millrace.data.tokenizer.TokenizerJob;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.DatasetEntry.Kind;
import io.millrace.platform.registry.DatasetEntry.TokenizerEntry;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
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
    @Nullable JobJson tokenizerJob,
    String preparation,
    @Nullable String failure,
    CountsJson counts,
    List<SnapshotJson> snapshots) {

  /** A tokenizer. */
  public record TokenizerJson(int vocabSize, String sha256, String location) {}

  /**
   * A tokenizer being trained; {@code state} is {@code running}, {@code done} or {@code failed}.
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record JobJson(
      String state, int vocabSize, long documents, int merges, @Nullable String error) {}

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
        tokenizer(dataset.tokenizer()),
        status.tokenizerJob().map(DatasetJson::job).orElse(null),
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

  private static @Nullable TokenizerJson tokenizer(@Nullable TokenizerEntry tokenizer) {
    return tokenizer == null
        ? null
        : new TokenizerJson(tokenizer.vocabSize(), tokenizer.sha256(), tokenizer.location());
  }

  private static JobJson job(TokenizerJob job) {
    return new JobJson(
        lower(job.state()), job.vocabSize(), job.documents(), job.merges(), job.error());
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
