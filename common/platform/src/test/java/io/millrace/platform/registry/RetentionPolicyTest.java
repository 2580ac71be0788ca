package io.millrace.platform.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.platform.registry.PromotionPolicy.Direction;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which of ten versions, of steps 10 to 100 and losses 9 to 0, are kept. */
class RetentionPolicyTest {
  private static final List<ModelVersion> TEN =
      IntStream.rangeClosed(1, 10).mapToObj(number -> version(number, 10 - number)).toList();

  @Test
  void keepsTheNewest() {
    assertThat(RetentionPolicy.STANDARD.kept(TEN)).containsExactlyInAnyOrder(6, 7, 8, 9, 10);
    assertThat(new RetentionPolicy(1, 0, null, null, 0).kept(TEN)).containsExactly(10);
    assertThat(new RetentionPolicy(50, 0, null, null, 0).kept(TEN)).hasSize(10);
    assertThat(RetentionPolicy.STANDARD.kept(List.of())).isEmpty();
  }

  @Test
  void keepsTheBestInEitherDirection() {
    assertThat(new RetentionPolicy(1, 2, "loss", Direction.HIGHER, 0).kept(TEN))
        .containsExactlyInAnyOrder(1, 2, 10);
    assertThat(new RetentionPolicy(1, 2, "loss", Direction.LOWER, 0).kept(TEN))
        .containsExactlyInAnyOrder(9, 10);
  }

  @Test
  void countsNoVersionAsGoodThatHasNoFigure() {
    List<ModelVersion> some = List.of(version(1, 3), version(2, Double.NaN), version(3, 4));

    assertThat(new RetentionPolicy(1, 2, "loss", Direction.LOWER, 0).kept(some))
        .containsExactlyInAnyOrder(1, 3);
    assertThat(new RetentionPolicy(1, 2, "map", Direction.HIGHER, 0).kept(some)).containsExactly(3);
  }

  @Test
  void keepsTheNewestOfEqualOnes() {
    List<ModelVersion> equal = List.of(version(1, 3), version(2, 3), version(3, 5));

    assertThat(new RetentionPolicy(1, 1, "loss", Direction.LOWER, 0).kept(equal))
        .containsExactlyInAnyOrder(2, 3);
  }

  @Test
  void keepsThoseOfEverySoManySteps() {
    assertThat(new RetentionPolicy(1, 0, null, null, 30).kept(TEN))
        .containsExactlyInAnyOrder(3, 6, 9, 10);
  }

  @Test
  void keepsAtLeastOne() {
    assertThatThrownBy(() -> new RetentionPolicy(0, 0, null, null, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RetentionPolicy(1, 1, null, null, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static ModelVersion version(int number, double loss) {
    return new ModelVersion(
        "writer",
        number,
        "language",
        "run",
        1,
        10L * number,
        "models/writer/run/%d-1".formatted(number),
        "00",
        Map.of("loss", loss),
        Instant.EPOCH);
  }
}
