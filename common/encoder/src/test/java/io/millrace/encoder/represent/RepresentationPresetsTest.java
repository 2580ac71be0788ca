package io.millrace.encoder.represent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.encoder.encode.EncoderConfig;
import io.millrace.encoder.encode.PictureEncoder;
import io.millrace.encoder.encode.TokenEncoder;
import org.junit.jupiter.api.Test;

class RepresentationPresetsTest {

  @Test
  void everyPresetIsAnEncoderThatPredicts() {
    for (String name : RepresentationPresets.NAMES) {
      EncoderConfig config = RepresentationPresets.of(name);
      RepresentationSettings.standard().requireFits(config);
      assertThat(config.width()).as(name).isPositive();
    }
  }

  @Test
  void thePublishedSizesAreThoseOfThePaper() {
    EncoderConfig pictures = RepresentationPresets.of("cpc-pictures");
    assertThat(pictures.width()).isEqualTo(1024);
    assertThat(pictures.encoder().sequencesEach()).isEqualTo(7);
    assertThat(RepresentationPresets.of("cpc-text").width()).isEqualTo(2400);
  }

  @Test
  void aTextsSmallEncoderMakesAPlaceOfEveryToken() {
    TokenEncoder tokens = (TokenEncoder) RepresentationPresets.of("cpc-text-small").encoder();
    assertThat(tokens.places(100)).isEqualTo(100);
    assertThat(tokens.width()).isEqualTo(512);
  }

  @Test
  void takesTheSizesOfADataset() {
    EncoderConfig text = RepresentationPresets.of("cpc-text-nano");
    TokenEncoder tokens = (TokenEncoder) text.encoder();
    EncoderConfig larger = text.with(tokens.withVocabulary(1000));
    assertThat(((TokenEncoder) larger.encoder()).vocabulary()).isEqualTo(1000);
    EncoderConfig small = RepresentationPresets.of("cpc-pictures-nano");
    PictureEncoder pictures = (PictureEncoder) small.encoder();
    assertThat(((PictureEncoder) small.with(pictures.withInput(96, 64)).encoder()).columns())
        .isEqualTo(11);
    assertThatThrownBy(() -> pictures.withInput(60, 64))
        .hasMessageContaining("crops of 16 pixels, 8 apart, do not cover a width of 60");
    PictureEncoder flat = pictures.withInput(64, 32);
    assertThatThrownBy(() -> small.with(flat))
        .hasMessageContaining("5 steps ahead do not fit the rows of crops");
  }

  @Test
  void namesThoseThereAre() {
    assertThatThrownBy(() -> RepresentationPresets.of("cpc"))
        .hasMessageContaining(
            "cpc-text-nano, cpc-text-small, cpc-text, cpc-pictures-nano, cpc-pictures, cpc-text-decoder-nano, cpc-text-decoder");
  }
}
