package io.millrace.training.task;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.training.TrainingProperties;
import io.millrace.training.task.detection.DetectionTask;
import io.millrace.training.task.language.LanguageTask;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class TaskCatalogTest {

  @Test
  void refusesAPresetOfATaskThatThereIsNot() {
    TrainingProperties properties =
        new Binder(
                new MapConfigurationPropertySource(
                    Map.of("presets.mine.task", "langage", "presets.mine.config", "folder")))
            .bindOrCreate("", Bindable.of(TrainingProperties.class));
    List<Task> tasks = List.of(new LanguageTask(properties), new DetectionTask(properties));

    assertThatThrownBy(() -> new TaskCatalog(tasks, properties))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "millrace.training.presets.mine: there is no task 'langage';"
                + " there are detection, language");
  }
}
