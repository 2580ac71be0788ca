package io.millrace.vision.train;

import io.millrace.vision.augment.BatchChange;
import io.millrace.vision.augment.Draws;
import io.millrace.vision.augment.TrainingPicture;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.view.Shown;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Batches as single pictures, and back. */
final class PictureBatches {

  private PictureBatches() {}

  /** The batch after some changes, one after the other; itself if there are none. */
  static SampleBatch changed(SampleBatch batch, List<BatchChange> changes, Draws draws) {
    if (changes.isEmpty()) {
      return batch;
    }
    List<TrainingPicture> pictures = pictures(batch);
    for (BatchChange change : changes) {
      pictures = change.apply(pictures, draws);
    }
    return SampleBatch.ofShown(
        pictures.stream().map(one -> new Shown(one.picture(), one.placement())).toList(),
        pictures.stream().map(TrainingPicture::boxes).toList());
  }

  private static List<TrainingPicture> pictures(SampleBatch batch) {
    ByteBuffer all = batch.rgb().duplicate();
    List<TrainingPicture> pictures = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      byte[] rgb = new byte[3 * batch.width() * batch.height()];
      all.get(rgb);
      pictures.add(
          new TrainingPicture(
              new Picture(batch.width(), batch.height(), rgb),
              batch.boxes().get(i),
              batch.placements().get(i)));
    }
    return pictures;
  }
}
