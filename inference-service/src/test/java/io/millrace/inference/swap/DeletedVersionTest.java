package io.millrace.inference.swap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.ModelVersion;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionTemplate;

/** A replica that is behind wants to load what is deleted meanwhile. */
class DeletedVersionTest {
  private final InferenceFixture service = InferenceFixture.shared();

  @Test
  void isRefusedAtOnceWithWhatBecameOfIt() {
    ModelVersion late = version("late", 2);
    ModelRegistry registry = service.bean(ModelRegistry.class);
    service
        .bean(TransactionTemplate.class)
        .executeWithoutResult(unused -> {
          registry.publish(version("late", 1));
          registry.publish(late);
          registry.deletions().deleteModel("late", Instant.parse("2026-11-27T12:00:00Z"));
        });

    LoadException refused =
        catchThrowableOfType(
            LoadException.class, () -> service.bean(CandidateLoader.class).load(late));

    assertThat(refused.kind()).isEqualTo(LoadException.Kind.UNFIT);
    assertThat(refused.reason())
        .isEqualTo("version 2 of model 'late' was deleted with its model at 2026-11-27T12:00:00Z");
  }

  @Test
  void mayComeLaterIfNobodyDeletedIt() {
    LoadException late =
        catchThrowableOfType(
            LoadException.class,
            () -> service.bean(CandidateLoader.class).load(version("unseen", 1)));

    assertThat(late.kind()).isEqualTo(LoadException.Kind.MISSING);
  }

  private static ModelVersion version(String model, int number) {
    return new ModelVersion(
        model,
        number,
        "language",
        model + "-run",
        1,
        number,
        "models/%s/run/%d-1".formatted(model, number),
        "00",
        Map.of(),
        Instant.EPOCH);
  }
}
