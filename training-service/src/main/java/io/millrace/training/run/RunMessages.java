package io.millrace.training.run;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import io.millrace.contracts.training.v1.CreateRunRequest;
import io.millrace.contracts.training.v1.Series;
import io.millrace.platform.policy.PolicyJson;
import io.millrace.platform.policy.PolicyMessages;
import io.millrace.platform.policy.RetentionJson;
import io.millrace.platform.registry.LineageEntry;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs as protobuf messages. */
final class RunMessages {
  private RunMessages() {}

  /** As clients see it, who want to know why it waits. */
  static io.millrace.contracts.training.v1.Run of(Run run, @Nullable Waiting waiting) {
    return waiting == null
        ? of(run)
        : of(run).toBuilder()
            .setWaiting(
                io.millrace.contracts.training.v1.Waiting.newBuilder()
                    .setPlace(waiting.place())
                    .setReason(waiting.reason()))
            .build();
  }

  /** What a run learned from. */
  static io.millrace.contracts.training.v1.Lineage of(Run run, LineageEntry entry) {
    ModelRef from = run.request().from();
    Instant deleted = entry.datasetDeletedAt();
    return io.millrace.contracts.training.v1.Lineage.newBuilder()
        .setRunId(run.id())
        .setModel(entry.model())
        .setFrom(from == null ? "" : from.toString())
        .setDataset(entry.dataset())
        .setSnapshot(entry.snapshot())
        .setSnapshotSha256(entry.snapshotSha256())
        .putAllCounts(entry.counts())
        .setSealedAt(entry.sealedAt().toEpochMilli())
        .setDatasetDeletedAt(deleted == null ? 0 : deleted.toEpochMilli())
        .build();
  }

  static io.millrace.contracts.training.v1.Run of(Run run) {
    Instant finished = run.finishedAt();
    return io.millrace.contracts.training.v1.Run.newBuilder()
        .setId(run.id())
        .setRequest(of(run.request()))
        .addAllWarnings(run.warnings())
        .setState(of(run.state()))
        .setProgress(of(run.progress()))
        .setError(run.error())
        .setCreatedAt(run.createdAt().toEpochMilli())
        .setFinishedAt(finished == null ? 0 : finished.toEpochMilli())
        .setAttempts(run.attempts())
        .setCancelRequested(run.cancelRequested())
        .setPauseRequested(run.pauseRequested())
        .build();
  }

  /** What a client asks for, checked for nothing but that numbers fit. */
  static RunDraft draft(CreateRunRequest request) {
    return new RunDraft(
        request.getModel(),
        request.getTask(),
        request.getDataset(),
        Integer.toUnsignedLong(request.getSnapshot()),
        request.getPreset(),
        request.getSteps(),
        Integer.toUnsignedLong(request.getBatchSize()),
        request.getLearningRate(),
        request.getSchedule(),
        request.getCheckpointEvery(),
        request.getCheckpointAtStart(),
        request.getSeed(),
        request.getFrom(),
        request.getReplace(),
        request.hasPolicy() ? PolicyMessages.read(request.getPolicy()) : null,
        request.hasRetention() ? PolicyMessages.read(request.getRetention()) : null,
        OptionMessages.read(request));
  }

  private static CreateRunRequest of(RunRequest request) {
    ModelRef from = request.from();
    CreateRunRequest.Builder message =
        CreateRunRequest.newBuilder()
            .setModel(request.model())
            .setTask(request.task())
            .setDataset(request.dataset())
            .setSnapshot(request.snapshot())
            .setPreset(request.preset())
            .setSteps(request.steps())
            .setBatchSize(request.batchSize())
            .setLearningRate(request.learningRate())
            .setSchedule(request.schedule().label())
            .setCheckpointEvery(request.checkpointEvery())
            .setCheckpointAtStart(request.checkpointAtStart())
            .setSeed(request.seed())
            .setFrom(from == null ? "" : from.toString());
    PolicyJson policy = request.policy();
    if (policy != null) {
      message.setPolicy(PolicyMessages.of(policy));
    }
    RetentionJson retention = request.retention();
    if (retention != null) {
      message.setRetention(PolicyMessages.of(retention));
    }
    OptionMessages.write(request, message);
    return message.build();
  }

  private static io.millrace.contracts.training.v1.RunState of(RunState state) {
    return switch (state) {
      case QUEUED -> io.millrace.contracts.training.v1.RunState.RUN_STATE_QUEUED;
      case RUNNING -> io.millrace.contracts.training.v1.RunState.RUN_STATE_RUNNING;
      case PAUSED -> io.millrace.contracts.training.v1.RunState.RUN_STATE_PAUSED;
      case SUCCEEDED -> io.millrace.contracts.training.v1.RunState.RUN_STATE_SUCCEEDED;
      case FAILED -> io.millrace.contracts.training.v1.RunState.RUN_STATE_FAILED;
      case CANCELLED -> io.millrace.contracts.training.v1.RunState.RUN_STATE_CANCELLED;
    };
  }

  private static io.millrace.contracts.training.v1.Progress of(Progress progress) {
    var message =
        io.millrace.contracts.training.v1.Progress.newBuilder()
            .setStep(progress.step())
            .setLoss(progress.loss())
            .setFirstLoss(progress.firstLoss())
            .setRate(progress.rate())
            .setAverageRate(progress.averageRate())
            .setDataWaitShare(progress.dataWaitShare())
            .setSecondsLeft(progress.secondsLeft())
            .setCheckpoints(progress.checkpoints())
            .setLatestVersion(progress.latestVersion())
            .putAllMetrics(progress.metrics());
    progress.series().forEach((name, values) -> addSeries(message, name, values));
    return message.build();
  }

  /** Beside the map, rows that had a field of their own before it stay there. */
  private static void addSeries(
      io.millrace.contracts.training.v1.Progress.Builder message,
      String name,
      List<Double> values) {
    message.putSeries(name, Series.newBuilder().addAllValues(values).build());
    FieldDescriptor field = message.getDescriptorForType().findFieldByName(name);
    if (field != null && field.isRepeated() && field.getJavaType() == JavaType.DOUBLE) {
      message.setField(field, values);
    }
  }
}
