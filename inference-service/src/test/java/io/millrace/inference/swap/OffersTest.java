package io.millrace.inference.swap;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.platform.registry.Promotion;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class OffersTest {
  private final AtomicLong nanos = new AtomicLong();
  private final Offers offers = new Offers(nanos::get);

  @Test
  void areInTheOrderOfTheirPromotionsWithTheLastOfEachVersion() {
    Promotion first = promotion(1, 7);
    Promotion again = promotion(3, 7);
    Promotion other = promotion(2, 8);
    offers.add(first);
    offers.add(again);
    offers.add(other);

    assertThat(offers.lastFirst()).containsExactly(again, other);
    offers.take(again);
    assertThat(offers.lastFirst()).containsExactly(other);
    offers.retain(Set.of(7));
    assertThat(offers.isEmpty()).isTrue();
  }

  @Test
  void waitAfterATrialAndForgetItOnceALaterOneServes() {
    Promotion late = promotion(1, 7);
    Promotion served = promotion(2, 8);
    offers.add(late);
    assertThat(offers.isDue(late.version())).isTrue();
    assertThat(offers.hasUntried()).isTrue();

    offers.take(late);
    offers.postpone(late, "not all there", Duration.ofNanos(10));
    nanos.set(7);
    offers.postpone(late, "still not there", Duration.ofNanos(10));
    nanos.set(16);

    assertThat(offers.isDue(late.version())).isFalse();
    assertThat(offers.hasUntried()).isFalse();
    assertThat(offers.tries(late.version())).isEqualTo(2);
    assertThat(offers.troubledFor(late.version())).isEqualTo(Duration.ofNanos(16));
    assertThat(offers.postponement())
        .isEqualTo(new ModelStatus.Postponement(7, 2, "still not there"));
    nanos.set(17);
    assertThat(offers.isDue(late.version())).isTrue();
    offers.forgetUntil(served);
    assertThat(offers.isEmpty()).isTrue();
    assertThat(offers.postponement()).isNull();
    assertThat(offers.troubledFor(late.version())).isZero();
  }

  @Test
  void rememberWhatWasRefused() {
    Promotion broken = promotion(1, 7);
    offers.postpone(broken, "once more", Duration.ZERO);
    assertThat(offers.isDue(broken.version())).isTrue();

    offers.refuse(7);

    assertThat(offers.isRefused(broken.version())).isTrue();
    assertThat(offers.tries(broken.version())).isZero();
    offers.clear();
    assertThat(offers.isRefused(broken.version())).isTrue();
  }

  private static Promotion promotion(long number, int version) {
    return ModelSlotTest.promotion(number, version);
  }
}
