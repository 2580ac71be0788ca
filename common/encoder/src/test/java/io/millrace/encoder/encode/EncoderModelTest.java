package io.millrace.encoder.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.picture.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What encoders and contexts see, and that a model is the same after it was saved. */
class EncoderModelTest {

  private static final TensorEngine ENGINE = TensorEngine.start("cpu");

  static Stream<Arguments> poolings() {
    return Stream.of(new GruContext(5, 2), new DecoderContext(2, 2, 4, 2, 4, 5))
        .flatMap(context -> Arrays.stream(Pooling.values()).map(it -> Arguments.of(context, it)));
  }

  @ParameterizedTest
  @MethodSource("poolings")
  void aDocumentsVectorDoesNotDependOnTheOthersOfItsBatch(Context context, Pooling pooling) {
    EncoderConfig small = SmallEncoders.tokens(context, 0);
    EncoderConfig config =
        new EncoderConfig(small.layers(), small.encoder(), small.context(), pooling, 0);
    int[] text = {3, 1, 4, 1, 5, 9, 2};
    try (EncoderModel model = EncoderModel.create(ENGINE, config, 1)) {
      float[] alone = model.encode(TokenBatch.of(text)).getFirst();
      List<float[]> together =
          model.encode(TokenBatch.of(new int[] {7}, text, new int[] {0, 10, 0, 0, 2, 2, 2, 2, 1}));
      assertThat(alone).hasSize(config.width());
      assertThat(together).hasSize(3);
      assertThat(together.get(1)).containsExactly(alone, within(1e-6f));
      assertThat(together.get(0)).isNotEqualTo(together.get(2));
    }
  }

  @Test
  void aPicturesVectorDoesNotDependOnTheOthersOfItsBatch() {
    for (Context context : List.of(new NoContext(), new GruContext(5, 1), new GridContext(4, 2))) {
      EncoderConfig small = SmallEncoders.pictures(context, 0);
      for (Pooling pooling : Pooling.values()) {
        EncoderConfig config =
            new EncoderConfig(small.layers(), small.encoder(), context, pooling, 0);
        try (EncoderModel model = EncoderModel.create(ENGINE, config, 1)) {
          Picture picture = picture(1);
          float[] alone = model.encode(PictureBatch.of(List.of(picture))).getFirst();
          List<float[]> together = model.encode(PictureBatch.of(List.of(picture(2), picture)));
          assertThat(together.get(1)).containsExactly(alone, within(1e-5f));
          assertThat(together.get(0)).isNotEqualTo(alone);
        }
      }
    }
  }

  @Test
  void aModelThatWasSavedEncodesAlike(@TempDir Path folder) throws IOException {
    EncoderConfig config = SmallEncoders.pictures(new GridContext(4, 1), 2);
    PictureBatch batch = PictureBatch.of(List.of(picture(3), picture(4)));
    try (EncoderModel model = EncoderModel.create(ENGINE, config, 5)) {
      model.save(folder);
      try (EncoderModel loaded = EncoderModel.load(ENGINE, folder)) {
        assertThat(loaded.config()).isEqualTo(config);
        assertThat(loaded.encode(batch).get(1)).containsExactly(model.encode(batch).get(1));
      }
    }
  }

  @Test
  void aDecoderAsContextIsSavedWithItsModel(@TempDir Path folder) throws IOException {
    EncoderConfig config = SmallEncoders.tokens(new DecoderContext(2, 2, 4, 2, 4, 5), 2);
    TokenBatch batch = TokenBatch.of(new int[] {3, 1, 4, 1, 5}, new int[] {9, 2});
    try (EncoderModel model = EncoderModel.create(ENGINE, config, 5)) {
      model.save(folder);
      try (EncoderModel loaded = EncoderModel.load(ENGINE, folder)) {
        assertThat(loaded.config()).isEqualTo(config);
        assertThat(loaded.encode(batch).get(0)).containsExactly(model.encode(batch).get(0));
      }
    }
  }

  @Test
  void refusesBlocksThatThereAreNot() {
    assertThatThrownBy(() -> new DecoderContext(0, 2, 4, 2, 4, 5))
        .hasMessageContaining("a context of 0 blocks");
    assertThatThrownBy(() -> new DecoderContext(1, 2, 4, 3, 4, 5))
        .hasMessageContaining("qk_rope_head_dim must be even, it is 3");
  }

  @Test
  void saysWhatIsWrongWithAFolder(@TempDir Path folder) throws IOException {
    EncoderConfig config = SmallEncoders.tokens(new GruContext(5, 1), 2);
    try (EncoderModel model = EncoderModel.create(ENGINE, config, 5)) {
      model.save(folder);
    }
    Path file = folder.resolve(EncoderConfigFile.NAME);
    String json = Files.readString(file);
    Files.writeString(file, json.replace("\"steps\" : 2", "\"steps\" : 3"));
    assertThatThrownBy(() -> EncoderModel.load(ENGINE, folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("prediction3.weight");
    Files.writeString(file, json.replace("\"vocabulary\" : 11", "\"vocabulary\" : 12"));
    assertThatThrownBy(() -> EncoderModel.load(ENGINE, folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("encoder.embedding.weight")
        .hasMessageContaining("config.json asks for (12, 4)");
    Files.writeString(file, json.replace("\"steps\" : 2", "\"steps\" : 2, \"stride\" : 2"));
    assertThatThrownBy(() -> EncoderModel.load(ENGINE, folder)).hasMessageContaining("stride");
    Files.writeString(file, json);
    Files.delete(folder.resolve("model.safetensors"));
    assertThatThrownBy(() -> EncoderModel.load(ENGINE, folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("model.safetensors");
  }

  @Test
  void refusesABatchThatIsNotForIt() {
    try (EncoderModel texts =
            EncoderModel.create(ENGINE, SmallEncoders.tokens(new NoContext(), 0), 1);
        EncoderModel pictures =
            EncoderModel.create(ENGINE, SmallEncoders.pictures(new NoContext(), 0), 1)) {
      TokenBatch tokens = TokenBatch.of(new int[] {1, 2});
      PictureBatch one = PictureBatch.of(List.of(picture(1)));
      assertThatThrownBy(() -> texts.encode(one)).hasMessageContaining("takes texts");
      assertThatThrownBy(() -> pictures.encode(tokens)).hasMessageContaining("takes pictures");
      assertThatThrownBy(() -> texts.encode(TokenBatch.of(new int[] {1, 11})))
          .hasMessage("token 11 is not in the vocabulary of 11");
      assertThatThrownBy(() -> texts.encode(TokenBatch.of(new int[] {-1})))
          .hasMessageContaining("token -1");
      PictureBatch large = PictureBatch.of(List.of(Picture.filled(33, 32, 1, 2, 3)));
      assertThatThrownBy(() -> pictures.encode(large))
          .hasMessageContaining("33 x 32")
          .hasMessageContaining("32 x 32");
    }
  }

  private static Picture picture(long seed) {
    byte[] rgb = new byte[3 * 32 * 32];
    new Random(seed).nextBytes(rgb);
    return new Picture(32, 32, rgb);
  }
}
