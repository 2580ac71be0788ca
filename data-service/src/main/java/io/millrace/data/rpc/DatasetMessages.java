package io.millrace.data.rpc;

import io.millrace.contracts.data.v1.ChangeDatasetRequest;
import io.millrace.contracts.data.v1.CreateDatasetRequest;
import io.millrace.contracts.data.v1.Dataset;
import io.millrace.contracts.data.v1.DatasetCounts;
import io.millrace.contracts.data.v1.DatasetKind;
import io.millrace.contracts.data.v1.DuplicateIds;
import io.millrace.contracts.data.v1.PlainValues;
import io.millrace.contracts.data.v1.Preparation;
import io.millrace.contracts.data.v1.Tokenizer;
import io.millrace.data.dataset.DatasetChange;
import io.millrace.data.dataset.DatasetStatus;
import io.millrace.data.dataset.NewDataset;
import io.millrace.data.dataset.NewDataset.Kind;
import io.millrace.data.log.Counts;
import io.millrace.data.snapshot.SnapshotMessages;
import io.millrace.data.tokenizer.TokenizerJob;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.DatasetEntry.TokenizerEntry;
import io.millrace.platform.registry.IntakePolicy;
import org.jspecify.annotations.Nullable;

/** Datasets as messages; 0 and empty stand for "the default" in requests. */
final class DatasetMessages {

  private DatasetMessages() {}

  static NewDataset wanted(CreateDatasetRequest request) {
    return new NewDataset(
        request.getName(),
        kind(request.getKind()),
        orNull("pack_length", request.getPackLength()),
        orNull("image_width", request.getImageWidth()),
        orNull("image_height", request.getImageHeight()),
        request.hasHeldoutPercent() ? request.getHeldoutPercent() : null,
        request.getClassesCount() == 0 ? null : request.getClassesList(),
        request.getColumnsCount() == 0 ? null : request.getColumnsList(),
        duplicateIds(request.getDuplicateIds()),
        plainValues(request.getPlainValues()),
        request.hasRejectedWarnPercent() ? request.getRejectedWarnPercent() : null);
  }

  static DatasetChange change(ChangeDatasetRequest request) {
    return new DatasetChange(
        plainValues(request.getPlainValues()),
        request.hasRejectedWarnPercent() ? request.getRejectedWarnPercent() : null);
  }

  static Dataset message(DatasetStatus status) {
    DatasetEntry dataset = status.dataset();
    IntakePolicy policy = dataset.intake();
    Dataset.Builder message =
        Dataset.newBuilder()
            .setName(dataset.name())
            .setHeldoutPercent(dataset.heldoutPercent())
            .setDuplicateIds(
                switch (policy.duplicateIds()) {
                  case KEEP -> DuplicateIds.DUPLICATE_IDS_KEEP;
                  case REJECT -> DuplicateIds.DUPLICATE_IDS_REJECT;
                  case REPLACE -> DuplicateIds.DUPLICATE_IDS_REPLACE;
                })
            .setPlainValues(
                switch (policy.plainValues()) {
                  case REJECT -> PlainValues.PLAIN_VALUES_REJECT;
                  case TEXT -> PlainValues.PLAIN_VALUES_TEXT;
                  case JSON -> PlainValues.PLAIN_VALUES_JSON;
                })
            .setRejectedWarnPercent(policy.rejectedWarnPercent())
            .addAllClasses(dataset.content().classes())
            .setCounts(counts(status.counts()))
            .setCreatedAt(SnapshotMessages.timestamp(dataset.createdAt()))
            .setPreparation(preparation(status.preparation()))
            .addAllSnapshots(status.snapshots().stream().map(SnapshotMessages::message).toList());
    String failure = status.failure();
    if (failure != null) {
      message.setFailure(failure);
    }
    switch (dataset.content()) {
      case Content.Text text -> {
        message.setKind(DatasetKind.DATASET_KIND_TEXT).setPackLength(text.packLength());
        TokenizerEntry tokenizer = text.tokenizer();
        if (tokenizer != null) {
          message
              .setVocabSize(tokenizer.vocabSize())
              .setTokenizerSha256(tokenizer.sha256())
              .setTokenizer(ready(tokenizer));
        } else {
          status.tokenizerJob().map(DatasetMessages::training).ifPresent(message::setTokenizer);
        }
      }
      case Content.Pictures pictures ->
          message
              .setKind(DatasetKind.DATASET_KIND_IMAGES)
              .setImageWidth(pictures.width())
              .setImageHeight(pictures.height());
      case Content.Rows rows ->
          message.setKind(DatasetKind.DATASET_KIND_ROWS).addAllColumns(rows.columns());
    }
    return message.build();
  }

  private static Tokenizer ready(TokenizerEntry tokenizer) {
    return Tokenizer.newBuilder()
        .setState(Tokenizer.State.STATE_READY)
        .setProgress(1)
        .setVocabSize(tokenizer.vocabSize())
        .setSha256(tokenizer.sha256())
        .setLocation(tokenizer.location())
        .build();
  }

  private static Tokenizer training(TokenizerJob job) {
    String error = job.error();
    return Tokenizer.newBuilder()
        .setState(
            switch (job.state()) {
              case RUNNING ->
                  job.isWaiting() ? Tokenizer.State.STATE_WAITING : Tokenizer.State.STATE_TRAINING;
              case DONE -> Tokenizer.State.STATE_TRAINING;
              case FAILED -> Tokenizer.State.STATE_FAILED;
            })
        .setProgress(job.progress())
        .setVocabSize(job.vocabSize())
        .setDocuments(job.documents())
        .setError(error == null ? "" : error)
        .build();
  }

  private static Preparation preparation(DatasetStatus.Preparation preparation) {
    return switch (preparation) {
      case RUNNING -> Preparation.PREPARATION_RUNNING;
      case WAITING_FOR_TOKENIZER -> Preparation.PREPARATION_WAITING_FOR_TOKENIZER;
      case ELSEWHERE -> Preparation.PREPARATION_ELSEWHERE;
      case FAILING -> Preparation.PREPARATION_FAILING;
    };
  }

  private static DatasetCounts counts(Counts counts) {
    return DatasetCounts.newBuilder()
        .setDocuments(counts.documents())
        .setPrepared(counts.tally().prepared())
        .setRejected(counts.tally().rejected())
        .setTokens(counts.tally().tokens())
        .setPackedTokens(counts.tally().packedTokens())
        .setSequences(counts.tally().train())
        .setHeldoutSequences(counts.tally().heldout())
        .setBoxes(counts.tally().boxes())
        .setWaiting(counts.waiting())
        .build();
  }

  private static IntakePolicy.@Nullable DuplicateIds duplicateIds(DuplicateIds wanted) {
    return switch (wanted) {
      case DUPLICATE_IDS_UNSPECIFIED -> null;
      case DUPLICATE_IDS_KEEP -> IntakePolicy.DuplicateIds.KEEP;
      case DUPLICATE_IDS_REJECT -> IntakePolicy.DuplicateIds.REJECT;
      case DUPLICATE_IDS_REPLACE -> IntakePolicy.DuplicateIds.REPLACE;
      case UNRECOGNIZED ->
          throw MillraceException.invalid(
              "duplicate_ids", "duplicate_ids must be KEEP, REJECT or REPLACE");
    };
  }

  private static IntakePolicy.@Nullable PlainValues plainValues(PlainValues wanted) {
    return switch (wanted) {
      case PLAIN_VALUES_UNSPECIFIED -> null;
      case PLAIN_VALUES_REJECT -> IntakePolicy.PlainValues.REJECT;
      case PLAIN_VALUES_TEXT -> IntakePolicy.PlainValues.TEXT;
      case PLAIN_VALUES_JSON -> IntakePolicy.PlainValues.JSON;
      case UNRECOGNIZED ->
          throw MillraceException.invalid(
              "plain_values", "plain_values must be REJECT, TEXT or JSON");
    };
  }

  private static Kind kind(DatasetKind kind) {
    return switch (kind) {
      case DATASET_KIND_TEXT -> Kind.TEXT;
      case DATASET_KIND_IMAGES -> Kind.IMAGES;
      case DATASET_KIND_ROWS -> Kind.ROWS;
      case DATASET_KIND_UNSPECIFIED, UNRECOGNIZED ->
          throw MillraceException.invalid("kind", "kind must be TEXT, IMAGES or ROWS");
    };
  }

  private static @Nullable Integer orNull(String field, int value) {
    if (value < 0) {
      throw MillraceException.invalid(field, field + " is too large");
    }
    return value == 0 ? null : Integer.valueOf(value);
  }
}
