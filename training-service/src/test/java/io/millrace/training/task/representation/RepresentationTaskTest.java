package io.millrace.training.task.representation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.record.CorruptRecordException;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.contracts.record.Samples;
import io.millrace.encoder.encode.PictureBatch;
import io.millrace.encoder.encode.PictureEncoder;
import io.millrace.encoder.encode.TokenBatch;
import io.millrace.encoder.represent.RepresentationPresets;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.DatasetEntry.TokenizerEntry;
import io.millrace.training.TrainingProperties;
import io.millrace.training.task.Preset;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class RepresentationTaskTest {
  private static final RepresentationOptions STANDARD = RepresentationOptions.STANDARD;
  private static final DatasetEntry TEXTS =
      dataset(new Content.Text(64, new TokenizerEntry("there", "digest", 300)));
  private static final DatasetEntry PICTURES = dataset(new Content.Pictures(64, 64, List.of()));

  private final RepresentationTask task =
      new RepresentationTask(
          new Binder(new MapConfigurationPropertySource(Map.of()))
              .bindOrCreate("", Bindable.of(TrainingProperties.class)));

  @Test
  void everyPresetOfEncodersCanBeTrainedByName() {
    assertThat(task.presets())
        .extracting(Preset::name)
        .containsExactlyElementsOf(RepresentationPresets.NAMES);
  }

  @Test
  void takesDatasetsWithoutLabels() {
    assertThatCode(
            () -> {
              task.requireSuitable(task.preset("cpc-text-nano"), TEXTS, STANDARD);
              task.requireSuitable(task.preset("cpc-pictures-nano"), PICTURES, STANDARD);
            })
        .doesNotThrowAnyException();
  }

  @Test
  void saysWhyADatasetDoesNotSuit() {
    assertRefused("cpc-text-nano", PICTURES, STANDARD)
        .hasMessage("dataset 'data' holds images; preset cpc-text-nano encodes texts");
    assertRefused("cpc-pictures-nano", TEXTS, STANDARD)
        .hasMessage("dataset 'data' holds text; preset cpc-pictures-nano encodes pictures");
    assertRefused(
            "cpc-text-nano", dataset(new Content.Rows(List.of("a"), List.of("x", "y"))), STANDARD)
        .hasMessageContaining("holds rows");
    assertRefused("cpc-text-nano", dataset(new Content.Text(64, null)), STANDARD)
        .hasMessageContaining("has no tokenizer");
    assertRefused("cpc-pictures-nano", dataset(new Content.Pictures(60, 64, List.of())), STANDARD)
        .hasMessageContaining("does not fit dataset 'data'")
        .hasMessageContaining("do not cover a width of 60");
    assertRefused("cpc-pictures-nano", dataset(new Content.Pictures(64, 32, List.of())), STANDARD)
        .hasMessageContaining("5 steps ahead do not fit the rows of crops");
  }

  @Test
  void saysWhichOptionDoesNotSuit() {
    RepresentationOptions flips = new RepresentationOptions(1, 0, 0, "", 0, 0, 0.5, 0, 0, 0);
    assertRefused("cpc-text-nano", TEXTS, flips).hasMessageContaining("takes texts");
    RepresentationOptions hidden = new RepresentationOptions(1, 0, 0, "same", 0, 0, 0, 0, 16, 0);
    assertRefused("cpc-pictures-nano", PICTURES, hidden).hasMessageContaining("show nothing");
    assertThatThrownBy(() -> new RepresentationOptions(1, 0, 0, "near", 0, 0, 0, 0, 0, 0))
        .isInstanceOf(MillraceException.class)
        .hasMessage("negatives must be one of mixed, same, other; it is 'near'");
    assertThatThrownBy(() -> new RepresentationOptions(1, 0, 300, "", 0, 0, 0, 0, 0, 0))
        .hasMessageContaining("steps_ahead");
    assertThatThrownBy(() -> new RepresentationOptions(1, 0, 0, "", -1, 0, 0, 0, 0, 0))
        .hasMessageContaining("negative_count");
    assertThatThrownBy(() -> new RepresentationOptions(1, 0, 0, "", 0, Double.NaN, 0, 0, 0, 0))
        .hasMessageContaining("temperature");
    assertThatThrownBy(() -> new RepresentationOptions(1, 0, 0, "", 0, 0, 0, 0, 0, 2))
        .hasMessageContaining("colour_drop");
  }

  @Test
  void readsPacksOfDocuments() {
    TextFormat format = new TextFormat(300);
    byte[] first =
        PackedSequences.of("data", 4, new int[] {1, 2, 3, 299, 5}, new int[] {0, 2, 5})
            .toByteArray();
    byte[] second = PackedSequences.of("data", 5, new int[] {7, 8}, new int[] {0, 2}).toByteArray();
    assertThat(format.sequenceNumber(format.parse(first))).isEqualTo(4);
    assertThat(format.dataset(format.parse(first))).isEqualTo("data");
    TokenBatch batch =
        (TokenBatch) format.assemble(List.of(format.parse(first), format.parse(second)));
    assertThat(batch.size()).isEqualTo(3);
    assertThat(batch.starts()).containsExactly(0, 2, 5, 7);
    assertThatThrownBy(() -> new TextFormat(299).parse(first))
        .isInstanceOf(CorruptRecordException.class)
        .hasMessage("token 299 is not in the vocabulary of 299");
  }

  @Test
  void readsPicturesOfAnySize() {
    PictureEncoder encoder =
        (PictureEncoder) RepresentationPresets.of("cpc-pictures-nano").encoder();
    PictureFormat format = new PictureFormat(encoder);
    byte[] small =
        Samples.of("data", 0, "small", 32, 16, new byte[3 * 32 * 16], 1f, List.of()).toByteArray();
    byte[] own =
        Samples.of("data", 1, "own", 64, 64, new byte[3 * 64 * 64], 1f, List.of()).toByteArray();
    PictureBatch batch =
        (PictureBatch) format.assemble(List.of(format.parse(small), format.parse(own)));
    assertThat(batch.size()).isEqualTo(2);
    assertThat(batch.width()).isEqualTo(64);
    assertThat(batch.height()).isEqualTo(64);
  }

  private org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> assertRefused(
      String preset, DatasetEntry dataset, RepresentationOptions options) {
    return assertThatThrownBy(() -> task.requireSuitable(task.preset(preset), dataset, options))
        .isInstanceOf(MillraceException.class);
  }

  private static DatasetEntry dataset(Content content) {
    return new DatasetEntry("data", content, 10, Instant.parse("2026-11-27T00:00:00Z"));
  }
}
