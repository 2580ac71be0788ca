package io.millrace.inference.rpc;

import io.millrace.contracts.inference.v1.ListVersionsResponse;
import io.millrace.contracts.inference.v1.PromoteVersionResponse;
import io.millrace.contracts.inference.v1.RunRules;
import io.millrace.contracts.inference.v1.Version;
import io.millrace.inference.catalog.Ownership;
import io.millrace.platform.policy.PolicyJson;
import io.millrace.platform.policy.PolicyMessages;
import io.millrace.platform.policy.RetentionJson;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.platform.registry.Promotion;
import io.millrace.platform.registry.PromotionPolicy;
import io.millrace.platform.registry.RetentionPolicy;

/** Versions of models as messages. */
final class VersionMessages {

  private VersionMessages() {}

  static ListVersionsResponse list(Ownership.Owned owned) {
    ListVersionsResponse.Builder response =
        ListVersionsResponse.newBuilder()
            .setPolicy(PolicyMessages.of(PolicyJson.of(owned.rule().policy())))
            .setPinned(owned.rule().pinned())
            .setRetention(PolicyMessages.of(RetentionJson.of(owned.retention())))
            .setLatest(owned.latest())
            .setStable(owned.stable());
    owned.runs().forEach(run -> response.addRuns(rules(run)));
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

  private static RunRules rules(io.millrace.platform.registry.RunRules.Own own) {
    RunRules.Builder message = RunRules.newBuilder().setRunId(own.run());
    PromotionPolicy policy = own.policy();
    if (policy != null) {
      message.setPolicy(PolicyMessages.of(PolicyJson.of(policy)));
    }
    RetentionPolicy retention = own.retention();
    if (retention != null) {
      message.setRetention(PolicyMessages.of(RetentionJson.of(retention)));
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
