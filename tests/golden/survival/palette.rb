# frozen_string_literal: true

require 'json'

module Palette
  HEX = /^#{Regexp.escape('#')}(?<digits>\h{6})$/
  NAMED = { red: '#ff0000', blue: '#0000ff' }.freeze

  class Colour
    attr_reader :red, :green, :blue

    def initialize(text)
      digits = text[/^#(\h+)$/, 1] || NAMED.fetch(text.to_sym).delete('#')
      @red, @green, @blue = digits.scan(/../).map { |pair| pair.to_i(16) }
    end

    def to_s = "##{[red, green, blue].map { |part| format('%02x', part) }.join}"

    def describe
      <<~TEXT
        The colour #{self} has three parts and no name.
        function main() {
          const parts = [#{red}, #{green}, #{blue}];
      TEXT
    end

    def lighter?(other)
      case [brightness, other.brightness]
      in [a, b] if a > b then true
      else false
      end
    end

    def brightness = 0.3 * red + 0.6 * green + 0.1 * blue
  end
end

puts %w[red blue].map { |name| Palette::Colour.new(name).describe }
