package io.millrace.training.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.DatasetEntry;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;

/** Options by name, with two tasks that share nothing but a name. */
class TaskOptionsTest {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(
              LogicalType.Textual,
              texts -> texts.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail))
          .build();

  private final Example<Sums> sums = new Example<>("sums", new Sums(1, 0.5, "plain", false));
  private final Example<Walks> walks = new Example<>("walks", new Walks(7));
  private final TaskOptions options = new TaskOptions(List.of(sums, walks), JSON);

  @Test
  void putsInTheStandardForWhatIsLeftOut() {
    assertThat(options.read(sums, Map.of("how_many", 3)))
        .isEqualTo(new Sums(3, 0.5, "plain", false));
    assertThat(options.read(sums, Collections.singletonMap("weight", null)))
        .isEqualTo(sums.standard());
    assertThat(options.read(walks, Map.of())).isEqualTo(new Walks(7));
  }

  @Test
  void readsWhatItWrites() {
    Sums written = new Sums(4, 0.25, "fancy", true);

    Map<String, Object> byName = options.write(written);

    assertThat(byName)
        .isEqualTo(Map.of("how_many", 4, "weight", 0.25, "style", "fancy", "exact", true));
    assertThat(options.read(sums, byName)).isEqualTo(written);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "how_many | 1.5     | field 'how_many' is not a whole number in range",
        "how_many | text    | field 'how_many' is a string, not a whole number in range",
        "style    | 3       | style",
        "how_many | -1      | how_many must not be negative",
      })
  void saysWhichOptionIsWrong(String name, String value, String message) {
    Object given =
        value.equals("text") ? value : JSON.convertValue(JSON.readTree(value), Object.class);

    assertThatThrownBy(() -> options.read(sums, Map.of(name, given)))
        .asInstanceOf(type(MillraceException.class))
        .satisfies(e -> {
          assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
          assertThat(e.parameter()).isEqualTo(name);
        })
        .extracting(Throwable::getMessage)
        .asString()
        .contains(message);
  }

  @Test
  void refusesAnOptionOfAnotherTaskThatAsksForSomething() {
    assertThatThrownBy(() -> options.read(walks, Map.of("how_many", 2)))
        .hasMessage("task walks has no how_many: leave it out");
    assertThat(options.read(walks, Map.of("how_many", 1.0, "weight", 0.5)))
        .as("what all runs of the other task have")
        .isEqualTo(new Walks(7));
  }

  @Test
  void refusesWhatNoTaskHas() {
    assertThatThrownBy(() -> options.read(sums, Map.of("hwo_many", 2)))
        .hasMessage(
            "unknown field 'hwo_many'; task sums has the options exact, how_many, style, weight");
  }

  record Sums(int howMany, double weight, String style, boolean exact) {
    Sums {
      if (howMany < 0) {
        throw MillraceException.invalid("how_many", "how_many must not be negative");
      }
    }
  }

  record Walks(int length) {}

  /** A task that has options and learns nothing. */
  private record Example<O extends Record>(String name, O standard) implements Task<O> {
    @Override
    public String items() {
      return "things";
    }

    @Override
    public List<String> series() {
      return List.of();
    }

    @Override
    public List<Preset> presets() {
      return List.of();
    }

    @Override
    public void requireSuitable(Preset preset, DatasetEntry dataset, O options) {}

    @Override
    public void requireSuitable(BaseModel model, DatasetEntry dataset, O options) {}

    @Override
    public TrainingTask<?, ?> open(TaskContext<O> context, Start start) {
      throw new UnsupportedOperationException("it learns nothing");
    }
  }
}
