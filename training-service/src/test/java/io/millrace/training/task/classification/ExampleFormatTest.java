package io.millrace.training.task.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.contracts.data.v1.Sample;
import io.millrace.contracts.data.v1.TableRow;
import io.millrace.contracts.record.CorruptRecordException;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.contracts.record.Samples;
import io.millrace.contracts.record.TableRows;
import io.millrace.encoder.classify.ExampleBatch;
import io.millrace.encoder.classify.FreshEncoders;
import io.millrace.encoder.classify.Inputs;
import io.millrace.encoder.encode.PictureBatch;
import io.millrace.encoder.encode.PictureEncoder;
import io.millrace.encoder.encode.TokenBatch;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Records of all kinds as examples. */
class ExampleFormatTest {

  private final RowFormat rows = new RowFormat(2, 3);
  private final TextFormat texts = new TextFormat(10, 3);
  private final PictureFormat pictures =
      new PictureFormat(
          (PictureEncoder) FreshEncoders.NANO.pictures(16, 16).encoder().encoder(), 3);

  private static TableRow row(OptionalInt label, float... numbers) {
    return TableRows.of("iris", 5, "r5", numbers, label);
  }

  private static Sample sample(int width, int height, int value, OptionalInt label) {
    byte[] rgb = new byte[3 * width * height];
    Arrays.fill(rgb, (byte) value);
    Sample.Builder sample =
        Samples.of("cells", 6, "p6", width, height, rgb, /* scale= */ 1, List.of()).toBuilder();
    label.ifPresent(sample::setClassIndex);
    return sample.build();
  }

  @Test
  void putsRowsTogether() {
    TableRow labelled = rows.parse(row(OptionalInt.of(2), 1.5f, -2).toByteArray());
    ExampleBatch batch = rows.assemble(List.of(labelled, row(OptionalInt.empty(), 3, 4)));
    assertThat(batch.classes()).containsExactly(2, ExampleBatch.NONE);
    Inputs.Rows inputs = (Inputs.Rows) batch.inputs();
    float[] values = new float[4];
    inputs.values().duplicate().order(java.nio.ByteOrder.nativeOrder()).asFloatBuffer().get(values);
    assertThat(values).containsExactly(1.5f, -2, 3, 4);
    assertThat(rows.sequenceNumber(labelled)).isEqualTo(5);
    assertThat(rows.dataset(labelled)).isEqualTo("iris");
  }

  @Test
  void refusesRowsThatAreNotTheModels() {
    assertThatThrownBy(() -> rows.parse(row(OptionalInt.of(0), 1, 2, 3).toByteArray()))
        .isInstanceOf(CorruptRecordException.class)
        .hasMessage("document 'r5': a row of 3 columns, the model takes 2");
    assertThatThrownBy(() -> rows.parse(row(OptionalInt.of(3), 1, 2).toByteArray()))
        .isInstanceOf(CorruptRecordException.class)
        .hasMessage("document 'r5': class 3 of 3");
    assertThatThrownBy(() -> rows.parse(new byte[] {1, 2, 3}))
        .isInstanceOf(CorruptRecordException.class);
  }

  @Test
  void takesEveryDocumentOfASequence() {
    PackedSequence first =
        PackedSequences.labelled(
            PackedSequences.of("mood", 7, new int[] {1, 2, 3, 4, 5}, new int[] {0, 2, 5}),
            new int[] {2, 0});
    PackedSequence second = PackedSequences.of("mood", 8, new int[] {6, 7}, new int[] {0, 2});
    ExampleBatch batch = texts.assemble(List.of(texts.parse(first.toByteArray()), second));
    assertThat(batch.classes()).containsExactly(2, 0, ExampleBatch.NONE);
    TokenBatch tokens = (TokenBatch) ((Inputs.Documents) batch.inputs()).batch();
    assertThat(tokens.packed().documentStarts()).containsExactly(0, 2, 5, 7);
    int[] ids = new int[7];
    tokens.packed().tokenIds().asIntBuffer().get(ids);
    assertThat(ids).containsExactly(1, 2, 3, 4, 5, 6, 7);
    assertThat(texts.sequenceNumber(first)).isEqualTo(7);
    assertThat(texts.dataset(first)).isEqualTo("mood");
  }

  @Test
  void refusesTextsThatAreNotTheModels() {
    PackedSequence sequence = PackedSequences.of("mood", 7, new int[] {1, 10}, new int[] {0, 2});
    assertThatThrownBy(() -> texts.parse(sequence.toByteArray()))
        .isInstanceOf(CorruptRecordException.class)
        .hasMessage("token 10 is not in the vocabulary of 10");
    PackedSequence labelled =
        PackedSequences.labelled(
            PackedSequences.of("mood", 7, new int[] {1}, new int[] {0, 1}), new int[] {3});
    assertThatThrownBy(() -> texts.parse(labelled.toByteArray()))
        .isInstanceOf(CorruptRecordException.class)
        .hasMessage("sequence 7: class 3 of 3");
  }

  @Test
  void bringsPicturesToTheModelsSize() {
    Sample labelled = pictures.parse(sample(16, 16, 7, OptionalInt.of(1)).toByteArray());
    ExampleBatch batch =
        pictures.assemble(List.of(labelled, sample(32, 8, 9, OptionalInt.empty())));
    assertThat(batch.classes()).containsExactly(1, ExampleBatch.NONE);
    PictureBatch shown = (PictureBatch) ((Inputs.Documents) batch.inputs()).batch();
    assertThat(shown.size()).isEqualTo(2);
    assertThat(shown.rgb().get(0)).isEqualTo((byte) 7);
    // 16 x 4 pixels, and padding below.
    int second = 3 * 16 * 16;
    assertThat(shown.rgb().get(second)).isEqualTo((byte) 9);
    assertThat(shown.rgb().get(second + 3 * 16 * 8)).isEqualTo((byte) 128);
    assertThat(pictures.sequenceNumber(labelled)).isEqualTo(6);
    assertThat(pictures.dataset(labelled)).isEqualTo("cells");
    assertThatThrownBy(() -> pictures.parse(sample(16, 16, 7, OptionalInt.of(3)).toByteArray()))
        .isInstanceOf(CorruptRecordException.class)
        .hasMessage("document 'p6': class 3 of 3");
  }
}
