"""Cameras as tensors against cameras one at a time."""

import numpy as np
import tensorflow as tf

from npi_tf import canonicalization
from npi_tf.canonicalization import environment
from npi_tf.canonicalization import picture_frames
from npi_tf.canonicalization import tensor_environment

ACTIONS = [(0, 0, action) for action in range(5)]
NON_ACTIONS = [(0, 0, 5), (1, 0, 1), (0, 3, 0), (0, 0, -1), (0, 0, 9)]


def test_every_move_from_every_start():
    cameras = tensor_environment.CameraTensorEnvironment()
    for action in ACTIONS:
        singles = [
            canonicalization.POSES.make_environment("a car", *pose)
            for pose in picture_frames.POSES
        ]
        state = cameras.reset(tf.fill([55], 2), tf.range(55))
        before = state.pose.numpy()
        arguments = tf.tile([action], [55, 1])
        after, valid = cameras.act(state, arguments, tf.fill([55], True))
        for row, single in enumerate(singles):
            single.act(action)
            drawn = single.result() in picture_frames.POSES
            # At elevation 0 a camera alone stays; here it has no picture.
            stays = action[2] == environment.DOWN and not before[row] % 5
            assert valid[row] == (drawn and not stays)
            if valid[row]:
                pose = int(after.pose[row])
                assert picture_frames.POSES[pose] == single.result()
            else:
                assert after.pose[row] == before[row]


def test_what_is_seen_is_the_target_and_a_number():
    cameras = tensor_environment.CameraTensorEnvironment()
    state = cameras.reset(tf.constant([0, 3]), tf.constant([7, 0]))
    seen = cameras.observe(state).numpy()
    np.testing.assert_array_equal(seen, [[0, 1, 7], [0, 1, 165]])
    assert cameras.step_budget(state).numpy().tolist() == [64, 64]


def test_masked_rows_and_non_actions_stay():
    cameras = tensor_environment.CameraTensorEnvironment()
    state = cameras.reset(tf.zeros([5], tf.int32), tf.fill([5], 27))
    nobody = tf.fill([5], False)
    after, valid = cameras.act(state, tf.constant(ACTIONS), nobody)
    assert valid.numpy().all()
    np.testing.assert_array_equal(after.pose, state.pose)
    after, valid = cameras.act(state, tf.constant(NON_ACTIONS), ~nobody)
    assert not valid.numpy().any()
    np.testing.assert_array_equal(after.pose, state.pose)
