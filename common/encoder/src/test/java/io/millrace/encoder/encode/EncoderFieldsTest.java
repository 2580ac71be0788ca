package io.millrace.encoder.encode;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.network.ResNetBackbone;
import io.millrace.vision.receptive.Field;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a place of an encoder sees: as the calculator says, and as it is. */
class EncoderFieldsTest {

  private static final TensorEngine ENGINE = TensorEngine.start("cpu");

  @Test
  void aTextsLastPlaceSeesAsManyTokensAsTheCalculatorSays() {
    TokenEncoder encoder =
        new TokenEncoder(11, 4, List.of(6, 6, 6), List.of(3, 4, 2), List.of(2, 3, 1));
    Field field = Field.of(encoder.layers());
    assertThat(field.jump()).isEqualTo(6);
    assertThat(field.size()).isEqualTo(3 + 3 * 2 + 6);
    EncoderConfig config =
        new EncoderConfig(
            SmallEncoders.tokens(new NoContext(), 0).layers(),
            encoder,
            new NoContext(),
            Pooling.CONTEXT_LAST,
            0);
    int[] text = new int[36];
    Arrays.setAll(text, i -> i % 11);
    try (EncoderModel model = EncoderModel.create(ENGINE, config, 3)) {
      float[] whole = model.encode(TokenBatch.of(text)).getFirst();
      for (int token = 0; token < text.length; token++) {
        int[] changed = text.clone();
        changed[token] = (text[token] + 5) % 11;
        boolean seen = token >= text.length - (int) field.size();
        float[] vector = model.encode(TokenBatch.of(changed)).getFirst();
        assertThat(Arrays.equals(vector, whole)).as("token %d", token).isEqualTo(!seen);
      }
    }
  }

  @Test
  void countsPlacesOfTextsWhoseLastGroupIsSmaller() {
    TokenEncoder encoder = new TokenEncoder(11, 4, List.of(6, 6), List.of(3, 4), List.of(2, 3));
    assertThat(encoder.sequences(TokenBatch.of(new int[1], new int[6], new int[7], new int[13])))
        .containsExactly(0, 1, 2, 4, 7);
  }

  @Test
  void thePublishedGridIsSevenBySeven() {
    PictureEncoder encoder =
        new PictureEncoder(new ResNetBackbone(101, false, 3), 256, 256, 64, 64, 32);
    assertThat(encoder.rows()).isEqualTo(7);
    assertThat(encoder.columns()).isEqualTo(7);
    assertThat(encoder.width()).isEqualTo(1024);
    assertThat(Field.of(encoder.layers()).jump()).isEqualTo(16);
  }
}
