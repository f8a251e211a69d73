/** Controls in a notebook's page: Jupyter's widgets, and {@link interact}. */
export { Control, type ControlOptions } from './control';
export { Button, button, checkbox, dropdown, html, textField } from './inputs';
export { type Controls, interact, type Values } from './interact';
export { Box, hbox, OutputArea, outputArea, progressBar, vbox } from './outputs';
export { intSlider, type LogSliderOptions, logSlider, type SliderOptions, slider } from './sliders';
export { Widget } from './widget';
