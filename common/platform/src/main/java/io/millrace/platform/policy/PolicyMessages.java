package io.millrace.platform.policy;

import io.millrace.contracts.inference.v1.PromotionPolicy;
import io.millrace.contracts.inference.v1.RetentionPolicy;
import org.jspecify.annotations.Nullable;

/** What decides about versions, as messages. */
public final class PolicyMessages {
  private PolicyMessages() {}

  /** With the rules of REST; an empty text is a field that was not set. */
  public static PolicyJson read(PromotionPolicy policy) {
    return new PolicyJson(
        set(policy.getKind()), set(policy.getFigure()), set(policy.getDirection()));
  }

  /** With the rules of REST; a zero is a field that was not set. */
  public static RetentionJson read(RetentionPolicy retention) {
    return new RetentionJson(
        set(Integer.toUnsignedLong(retention.getLast())),
        set(Integer.toUnsignedLong(retention.getBest())),
        set(retention.getFigure()),
        set(retention.getDirection()),
        set(retention.getEvery()));
  }

  /** The message. */
  public static PromotionPolicy of(PolicyJson policy) {
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

  /** The message. */
  public static RetentionPolicy of(RetentionJson retention) {
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
}
