package io.millrace.training.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.platform.store.FileObjectStore;
import io.millrace.training.TrainingProperties;
import io.millrace.training.task.detection.DetectionTask;
import io.millrace.training.task.language.LanguageTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import tools.jackson.databind.json.JsonMapper;

class TaskCatalogTest {

  @TempDir Path directory;

  @Test
  void refusesAPresetOfATaskThatThereIsNot() throws IOException {
    TrainingProperties properties =
        properties(Map.of("presets.mine.task", "langage", "presets.mine.config", "folder"));
    List<Task<?>> tasks = List.of(new LanguageTask(properties), detection(properties));

    assertThatThrownBy(() -> new TaskCatalog(tasks, properties, new JsonMapper()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "millrace.training.presets.mine: there is no task 'langage';"
                + " there are detection, language");
  }

  @Test
  void namesTheRowsOfFiguresOfAllTasks() throws IOException {
    TrainingProperties properties = properties(Map.of());
    List<Task<?>> tasks = List.of(detection(properties), new LanguageTask(properties));

    assertThat(new TaskCatalog(tasks, properties, new JsonMapper()).series())
        .containsExactly("expert_load");
  }

  private DetectionTask detection(TrainingProperties properties) throws IOException {
    return new DetectionTask(properties, new FileObjectStore(directory));
  }

  private static TrainingProperties properties(Map<String, String> settings) {
    return new Binder(new MapConfigurationPropertySource(settings))
        .bindOrCreate("", Bindable.of(TrainingProperties.class));
  }
}
