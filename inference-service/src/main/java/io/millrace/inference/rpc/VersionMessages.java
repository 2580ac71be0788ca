package io.millrace.inference.rpc;

import io.millrace.contracts.inference.v1.ListVersionsResponse;
import io.millrace.contracts.inference.v1.PromoteVersionResponse;
import io.millrace.contracts.inference.v1.PromotionPolicy;
import io.millrace.contracts.inference.v1.RetentionPolicy;
import io.millrace.contracts.inference.v1.Version;
import io.millrace.inference.catalog.Ownership;
import io.millrace.inference.catalog.PolicyJson;
import io.millrace.inference.catalog.RetentionJson;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.registry.Promotion;
import org.jspecify.annotations.Nullable;

/** Versions of models as messages. */
final class VersionMessages {

  private VersionMessages() {}

  static ListVersionsResponse list(Ownership.Owned owned) {
    ListVersionsResponse.Builder response =
        ListVersionsResponse.newBuilder()
            .setPolicy(policy(PolicyJson.of(owned.rule().policy())))
            .setPinned(owned.rule().pinned())
            .setRetention(retention(RetentionJson.of(owned.retention())))
            .setLatest(owned.latest())
            .setStable(owned.stable());
    owned.versions().forEach(version -> response.addVersions(version(version)));
    return response.build();
  }

  static PromoteVersionResponse promoted(Promotion promotion) {
    return PromoteVersionResponse.newBuilder()
        .setModel(promotion.version().model())
        .setVersion(promotion.version().version())
        .setNumber(promotion.number())
        .setReason(promotion.reason())
        .build();
  }

  /** With the rules of REST; an empty text is a field that was not set. */
  static io.millrace.platform.registry.PromotionPolicy policy(PromotionPolicy policy) {
    return new PolicyJson(
            set(policy.getKind()), set(policy.getFigure()), set(policy.getDirection()))
        .policy();
  }

  /** With the rules of REST; a zero is a field that was not set. */
  static io.millrace.platform.registry.RetentionPolicy retention(RetentionPolicy retention) {
    return new RetentionJson(
            set(Integer.toUnsignedLong(retention.getLast())),
            set(Integer.toUnsignedLong(retention.getBest())),
            set(retention.getFigure()),
            set(retention.getDirection()),
            set(retention.getEvery()))
        .policy();
  }

  private static RetentionPolicy retention(RetentionJson retention) {
    RetentionPolicy.Builder message = RetentionPolicy.newBuilder();
    if (retention.last() != null) {
      message.setLast(Math.toIntExact(retention.last()));
    }
    if (retention.best() != null) {
      message.setBest(Math.toIntExact(retention.best()));
    }
    if (retention.figure() != null) {
      message.setFigure(retention.figure());
    }
    if (retention.direction() != null) {
      message.setDirection(retention.direction());
    }
    if (retention.every() != null) {
      message.setEvery(retention.every());
    }
    return message.build();
  }

  private static @Nullable Long set(long value) {
    return value == 0 ? null : value;
  }

  private static @Nullable String set(String value) {
    return value.isEmpty() ? null : value;
  }

  private static PromotionPolicy policy(PolicyJson policy) {
    PromotionPolicy.Builder message = PromotionPolicy.newBuilder();
    if (policy.kind() != null) {
      message.setKind(policy.kind());
    }
    if (policy.figure() != null) {
      message.setFigure(policy.figure());
    }
    if (policy.direction() != null) {
      message.setDirection(policy.direction());
    }
    return message.build();
  }

  private static Version version(Ownership.Version owned) {
    ModelVersion version = owned.version();
    Version.Builder message =
        Version.newBuilder()
            .setVersion(version.version())
            .setState(owned.state())
            .setTask(version.task())
            .setRunId(version.runId())
            .setStep(version.step())
            .setDigest(version.manifestSha256())
            .setBytes(version.bytes())
            .addAllAliases(owned.aliases())
            .putAllMetrics(version.metrics());
    owned
        .snapshot()
        .ifPresent(
            snapshot -> message.setDataset(snapshot.dataset()).setSnapshot(snapshot.version()));
    return message.build();
  }
}
