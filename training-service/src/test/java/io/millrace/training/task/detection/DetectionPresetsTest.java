package io.millrace.training.task.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.training.task.Preset;
import io.millrace.vision.detector.DetectorPresets;
import org.junit.jupiter.api.Test;

class DetectionPresetsTest {

  @Test
  void everyPresetOfDetectorsCanBeTrainedByName() {
    assertThat(DetectionTask.BUILT_IN)
        .extracting(Preset::name)
        .containsExactlyElementsOf(DetectorPresets.NAMES);
    assertThat(DetectionTask.BUILT_IN)
        .allMatch(one -> one.batchSize() > 0 && one.learningRate() > 0 && one.folder() == null)
        .contains(new Preset("nano", null, 8, 3e-3), new Preset("micro", null, 8, 1e-3))
        .contains(new Preset("yolo-v1-nano", null, 8, 3e-3), new Preset("fcos-nano", null, 8, 3e-3))
        .contains(
            new Preset("mtcnn", null, 8, 1e-3), new Preset("faster-rcnn-r50-fpn", null, 4, 1e-4));
  }
}
