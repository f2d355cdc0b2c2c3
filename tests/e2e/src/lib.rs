#![doc = include_str!("../README.md")]

pub mod demo;
pub mod journey;
pub mod surprises;

pub mod browser;
pub mod product;
pub mod simulator;
pub mod stack;

pub mod error;
pub mod http;
pub mod wait;
