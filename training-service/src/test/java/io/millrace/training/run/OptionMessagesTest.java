package io.millrace.training.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.millrace.contracts.Tasks;
import io.millrace.contracts.training.v1.CreateRunRequest;
import io.millrace.contracts.training.v1.DetectionOptions;
import io.millrace.contracts.training.v1.LanguageOptions;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.store.FileObjectStore;
import io.millrace.training.TrainingProperties;
import io.millrace.training.task.Task;
import io.millrace.training.task.classification.ClassificationTask;
import io.millrace.training.task.detection.DetectionTask;
import io.millrace.training.task.language.LanguageTask;
import io.millrace.training.task.representation.RepresentationTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** The contract's options and the tasks' own are the same. */
@SuppressWarnings("deprecation") // Clients of before send these fields.
class OptionMessagesTest {

  @TempDir Path directory;

  @Test
  void hasAMessageForEveryTaskWithItsOptions() throws IOException {
    JsonMapper json =
        JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
    for (Task<?> task : tasks()) {
      FieldDescriptor message = CreateRunRequest.getDescriptor().findFieldByName(task.name());
      assertThat(message).as(task.name()).isNotNull();
      assertThat(message.getMessageType().getFields())
          .as(task.name())
          .allMatch(FieldDescriptor::hasPresence)
          .extracting(FieldDescriptor::getName)
          .containsExactlyInAnyOrderElementsOf(json.valueToTree(task.standard()).propertyNames());
    }
  }

  /** In JSON the options stand beside the fields of every run. */
  @Test
  void hasNoOptionThatIsNamedLikeAFieldOfEveryRun() {
    List<String> ofEveryRun =
        CreateRunRequest.getDescriptor().getFields().stream()
            .filter(field -> !field.getOptions().getDeprecated())
            .map(FieldDescriptor::getName)
            .toList();
    for (FieldDescriptor message :
        CreateRunRequest.getDescriptor().getOneofs().getFirst().getFields()) {
      assertThat(message.getMessageType().getFields())
          .extracting(FieldDescriptor::getName)
          .doesNotContainAnyElementsOf(ofEveryRun);
    }
  }

  @Test
  void readsTheMessageOfTheTask() {
    assertThat(
            OptionMessages.read(
                language(LanguageOptions.newBuilder().setAccumulation(3).setEmaDecay(0).build())))
        .as("a zero that is sent is not one that is left out")
        .isEqualTo(Map.of("accumulation", 3L, "ema_decay", 0.0));
    assertThat(OptionMessages.read(CreateRunRequest.getDefaultInstance())).isEmpty();
  }

  @Test
  void readsTheFieldsOfBeforeAndTheSameTwice() {
    CreateRunRequest flat =
        CreateRunRequest.newBuilder().setTask(Tasks.LANGUAGE).setPrecision("fp8").build();

    assertThat(OptionMessages.read(flat)).isEqualTo(Map.of("precision", "fp8"));
    assertThat(
            OptionMessages.read(
                flat.toBuilder()
                    .setLanguage(LanguageOptions.newBuilder().setPrecision("fp8"))
                    .build()))
        .isEqualTo(Map.of("precision", "fp8"));
  }

  @Test
  void refusesTwoAnswersAndTheOptionsOfAnotherTask() {
    assertThatThrownBy(() ->
            OptionMessages.read(
                language(LanguageOptions.newBuilder().setPrecision("f32").build()).toBuilder()
                    .setPrecision("fp8")
                    .build()))
        .hasMessage("precision is there twice: f32 and fp8");
    assertThatThrownBy(() ->
            OptionMessages.read(
                CreateRunRequest.newBuilder()
                    .setTask(Tasks.LANGUAGE)
                    .setDetection(DetectionOptions.getDefaultInstance())
                    .build()))
        .hasMessage("a run of task 'language' takes no options of task detection");
  }

  @Test
  void writesTheMessageAndTheFieldsOfBefore() {
    CreateRunRequest.Builder message = CreateRunRequest.newBuilder();

    OptionMessages.write(
        request(Tasks.LANGUAGE, Map.of("accumulation", 2, "ema_decay", 0.5)), message);

    assertThat(message.getLanguage())
        .isEqualTo(LanguageOptions.newBuilder().setAccumulation(2).setEmaDecay(0.5).build());
    assertThat(message.getAccumulation()).isEqualTo(2);
    assertThat(OptionMessages.read(message.setTask(Tasks.LANGUAGE).build()))
        .isEqualTo(Map.of("accumulation", 2L, "ema_decay", 0.5));
  }

  private static CreateRunRequest language(LanguageOptions options) {
    return CreateRunRequest.newBuilder().setTask(Tasks.LANGUAGE).setLanguage(options).build();
  }

  private static RunRequest request(String task, Map<String, Object> options) {
    return new RunRequest(
        "model",
        task,
        "data",
        1,
        "nano",
        1,
        1,
        0.1,
        Schedule.COSINE,
        0,
        false,
        0,
        null,
        null,
        null,
        options);
  }

  private List<Task<?>> tasks() throws IOException {
    TrainingProperties properties =
        new Binder(new MapConfigurationPropertySource(Map.of()))
            .bindOrCreate("", Bindable.of(TrainingProperties.class));
    return List.of(
        new LanguageTask(properties),
        new DetectionTask(properties, new FileObjectStore(directory)),
        new RepresentationTask(properties),
        new ClassificationTask(
            properties,
            new ModelRegistry(JdbcClient.create(new SimpleDriverDataSource())),
            new FileObjectStore(directory)));
  }
}
